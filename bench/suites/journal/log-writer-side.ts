/**
 * Writer of a log, with a stage of the core as reader in the same thread: gives how long each record took, and then how long
 * it took each time to wake the recorder where that slept, nanoseconds.
 */
import { Arena } from '../../../engine/runtime/arena/arena.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { Doorbell } from '../../../engine/runtime/wait/doorbell.js';
import { MessageType } from '../../../schemas/message-type.js';
import { serveRounds } from '../../rig/side.js';
import { BODY_BYTES, type LogWriterRound, type LogWriterSetup } from './log-writer-round.js';

/** The stage's place among the log's readers. */
const STAGE = 0;

serveRounds<LogWriterSetup, LogWriterRound, Float64Array>(({ log, doorbells }) => {
  const arena = new Arena(log, 'log');
  const writer = new StreamWriter(arena);
  const stage = new StreamReader(arena, STAGE);
  const bell = doorbells === undefined ? undefined : new Doorbell(doorbells, 0);
  const { view } = writer.buffer;
  const ignore = (): void => {};
  let seq = 0;
  return ({ count, perSecond }) => {
    const took = new Float64Array(2 * count);
    const begin = performance.now();
    for (let index = 0; index < count; index++) {
      const due = begin + (1000 * index) / perSecond;
      while (performance.now() < due);
      const before = performance.now();
      const offset = writer.claim(MessageType.INDEX_LEVEL, BODY_BYTES);
      if (offset < 0) throw new Error('the log is full: the recorder does not keep up with this pace');
      view.setFloat64(offset + HeaderOffset.SEQ, ++seq, true);
      for (let at = 0; at < BODY_BYTES; at += 8) view.setFloat64(offset + HEADER_BYTES + at, seq + at, true);
      writer.publish();
      const written = performance.now();
      bell?.ring();
      took[count + index] = (performance.now() - written) * 1e6;
      took[index] = (written - before) * 1e6;
      stage.poll(ignore, 1);
    }
    return took;
  };
});
