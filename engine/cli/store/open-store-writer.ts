import { join } from 'node:path';
import { Regeneration } from '../../../actors/replay/regenerate.js';
import {
  analytics,
  desiredHedges,
  desiredQuotes,
  exposures,
  orderStates,
  theos,
  tops,
} from '../../../actors/streams.js';
import { SCHEMA_FINGERPRINT } from '../../../schemas/generated/fingerprint.js';
import { storeFolder } from '../../store/sql/manifest.js';
import { StoreWriter } from '../../store/sql/store-writer.js';

/** What stages say that the recorder keeps digests of only, and the store whole. */
const REGENERATED = [tops, theos, orderStates, exposures, desiredQuotes, desiredHedges, analytics];

/** The writer of a journal's store, with a replay beside it that makes the stages' outputs again. */
export function openStoreWriter(journal: string): Promise<StoreWriter> {
  return StoreWriter.open({
    journal,
    regenerate: (reader, from, take, note) =>
      new Regeneration({
        journal: reader,
        schemas: String(SCHEMA_FINGERPRINT),
        streams: REGENERATED,
        snapshots: join(storeFolder(journal), 'replay'),
        from,
        take,
        note,
      }),
  });
}
