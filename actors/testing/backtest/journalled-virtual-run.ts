import { join } from 'node:path';
import { currentLayouts } from '../../../engine/journal/layouts.js';
import { beginRun } from '../../../engine/journal/runs.js';
import { loadSigningKey } from '../../../engine/journal/signing-key.js';
import { JournalWriter } from '../../../engine/journal/writer.js';
import { HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { SCHEMA_FINGERPRINT } from '../../../schemas/generated/fingerprint.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { core } from '../../core.js';
import { StageDigest } from '../../recorder/stage-digest.js';
import { approvedOrders } from '../../streams.js';
import { VirtualRun, type VirtualRunOptions } from '../../virtual-run/virtual-run.js';

/** Virtual seconds between two waits for the disk, where nothing else is said. */
const SLICE_SECONDS = 5;

/** Makes a run on the virtual clock, lets it go on, and writes the journal that a recorder would. @returns the run as it is at the end */
export async function journalVirtualRun(
  folder: string,
  options: VirtualRunOptions,
  seconds: number,
  {
    heard = () => {},
    progress = () => {},
    sliceSeconds,
  }: {
    heard?: (run: VirtualRun) => void;
    /** Told virtual seconds that are done and on the disk; waited for. */
    progress?: (seconds: number) => void | Promise<void>;
    /** Virtual seconds after which a block ends that is not full, as a recorder's does four times a second. */
    sliceSeconds?: number;
  } = {},
): Promise<VirtualRun> {
  const start = { firstSeq: 1, restored: false, startedMicros: 0, version: '0', schemas: String(SCHEMA_FINGERPRINT) };
  const key = loadSigningKey(join(folder, 'key.pem'));
  await beginRun(folder, key, { ...start, core: options.core });
  const journal = new JournalWriter({
    folder,
    key,
    layouts: currentLayouts(MessageType),
  });
  let scratch = new Int32Array(1 << 15);
  const append = (_type: number, { view }: ViewBuffer, offset: number): void => {
    const length = view.getInt32(offset + HeaderOffset.LENGTH, true);
    const words = (length + 3) >> 2;
    if (words > scratch.length) scratch = new Int32Array(2 * words);
    for (let word = 0; word < words; word++) scratch[word] = view.getInt32(offset + 4 * word, true);
    if (!journal.append(scratch, 0, length, view.getFloat64(offset + HeaderOffset.SEQ, true)))
      throw new Error(`the journal takes no more: ${journal.problem}`);
  };
  const run = new VirtualRun({ ...options, onEvent: append });
  const digests = new Map<string, StageDigest>();
  for (const { writes } of core(options.core)) {
    if (writes === approvedOrders) {
      run.hear(writes, append);
      continue;
    }
    const digest = new StageDigest((seq, hash) => journal.digest(writes.name, seq, hash));
    digests.set(writes.name, digest);
    run.hear(writes, digest.onRecord);
  }
  // Timers that are asked for are outputs like all others.
  run.log.onTimer = ({ name }, buffer, offset) => {
    const digest = digests.get(name);
    if (digest === undefined) append(MessageType.TIMER_REQUEST, buffer, offset);
    else digest.onRecord(MessageType.TIMER_REQUEST, buffer, offset);
  };
  heard(run);
  const slice = sliceSeconds ?? SLICE_SECONDS;
  for (let done = 0; done < seconds; done += slice) {
    run.advance(Math.min(slice, seconds - done));
    run.log.finish();
    if (sliceSeconds !== undefined) journal.seal();
    await journal.flush();
    await progress(done);
  }
  await journal.close(run.now * 1000);
  return run;
}
