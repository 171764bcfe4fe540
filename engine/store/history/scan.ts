import { MessageType } from '../../../schemas/message-type.js';
import { eachRecord } from '../../journal/block.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import { decodeInstrument } from '../../market/instrument-codec.js';
import { InstrumentRegistry } from '../../market/instrument-registry.js';
import { historyFolder } from './history-folder.js';
import { HistoryLedger } from './ledger.js';
import { HEADER_BYTES, HeaderOffset } from './record-header.js';
import { identitiesOf } from './record-identity.js';

/**
 * Calls back with every record of a journal that is no definition, oldest first; definitions go into the registry, with the ids
 * that the journal's records use.
 */
async function scanJournal(
  folder: string,
  registry: InstrumentRegistry,
  take: (view: DataView, record: number, type: number) => void,
): Promise<void> {
  if (!journalExists(folder)) return;
  const reader = new JournalReader(folder);
  const define = (body: Uint8Array) => {
    const { id, instrument } = decodeInstrument(body);
    registry.restore(id, instrument);
  };
  try {
    for (const body of reader.carried()) define(body);
    for (const block of reader.blocks()) {
      const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
      eachRecord(block, (offset, length) => {
        const type = view.getUint16(offset + HeaderOffset.TYPE, true);
        if (type !== MessageType.INSTRUMENT_DEFINITION) return take(view, offset, type);
        return define(block.subarray(offset + HEADER_BYTES, offset + length));
      });
    }
  } finally {
    await reader.close();
  }
}

/** What a journal holds: its history, and the trades of its log. @param registry takes the instruments of its history */
export async function readLedger(journal: string, registry = new InstrumentRegistry()): Promise<HistoryLedger> {
  const ledger = new HistoryLedger();
  const note = (instruments: InstrumentRegistry) => (view: DataView, record: number) => {
    for (const identity of identitiesOf(view, record)) {
      const instrument = instruments.get(identity.instrument);
      if (instrument !== undefined) ledger.note(identity, instrument);
    }
  };
  await scanJournal(historyFolder(journal), registry, note(registry));
  const live = new InstrumentRegistry();
  const noteLive = note(live);
  await scanJournal(journal, live, (view, record, type) => {
    if (type === MessageType.TRADE_RUN) noteLive(view, record);
  });
  return ledger;
}
