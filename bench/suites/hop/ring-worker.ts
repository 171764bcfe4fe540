/** One side of a round trip over two Streams, in a thread or in a process of its own. */
import { Arena } from '../../../engine/runtime/arena/arena.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { libc } from '../../../engine/runtime/native/libc.js';
import { Doorbell, doorbellMemory } from '../../../engine/runtime/wait/doorbell.js';
import { LADDER, SPIN, WaitLadder } from '../../../engine/runtime/wait/wait-ladder.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Distribution, distributionOf } from '../../rig/distribution.js';
import { BODY_BYTES, checkSum, MESSAGE_TYPE, readMessage, writeMessage } from '../../rig/message.js';
import { endOrphan, serveRounds } from '../../rig/side.js';
import type { FilePair, HopRound, HopSetup, RingPair } from './round.js';

const NS_PER_MS = 1e6;
/** No timer bounds a sleep here. */
const LONGEST_SLEEP_MS = 1_000;

function arenas(carrier: RingPair | FilePair): { there: Arena; back: Arena } {
  if ('there' in carrier) return { there: new Arena(carrier.there, 'there'), back: new Arena(carrier.back, 'back') };
  const { thereFile, backFile, bytes } = carrier;
  const map = (file: string): ArrayBuffer => libc()!.mapFile(file, bytes, 'write');
  return { there: new Arena(map(thereFile), 'there'), back: new Arena(map(backFile), 'back') };
}

/** How one side waits for its input, and how it wakes the other. */
interface Waiting {
  ladder: WaitLadder;
  otherSide: Doorbell;
}

function waiting({ role, wait, doorbells }: HopSetup, input: StreamReader): Waiting {
  const memory = doorbells ?? doorbellMemory(2);
  const own = role === 'pinger' ? 0 : 1;
  const policy = wait === 'spin' ? SPIN : LADDER;
  return {
    ladder: new WaitLadder(policy, new Doorbell(memory, own), () => input.hasPending()),
    otherSide: new Doorbell(memory, 1 - own),
  };
}

/** Sends one message, waits for its answer, and so on; nanoseconds of each round trip, one clock reading included. */
function pinging(
  writer: StreamWriter,
  reader: StreamReader,
  { ladder, otherSide }: Waiting,
): (round: HopRound) => Distribution {
  let expected = 0;
  let sum = 0;
  const handler = (_type: number, buffer: ViewBuffer, offset: number): void => {
    sum += readMessage(buffer, offset, expected);
  };
  return ({ first, count }) => {
    const times = new Float64Array(count);
    sum = 0;
    let before = performance.now();
    for (let trip = 0; trip < count; trip++) {
      expected = first + trip;
      const offset = writer.claim(MESSAGE_TYPE, BODY_BYTES);
      writeMessage(writer.buffer, offset, expected);
      writer.publish();
      otherSide.ring();
      while (reader.poll(handler, 1) === 0) ladder.idle(LONGEST_SLEEP_MS);
      ladder.reset();
      const after = performance.now();
      times[trip] = (after - before) * NS_PER_MS;
      before = after;
    }
    checkSum('round trips', sum, first, count);
    return distributionOf(times);
  };
}

/** Answers each message with one of the same content. */
function ponging(
  writer: StreamWriter,
  reader: StreamReader,
  { ladder, otherSide }: Waiting,
): (round: HopRound) => undefined {
  let expected = 0;
  let sum = 0;
  const handler = (_type: number, buffer: ViewBuffer, offset: number): void => {
    sum += readMessage(buffer, offset, expected);
    writeMessage(writer.buffer, writer.claim(MESSAGE_TYPE, BODY_BYTES), expected);
    writer.publish();
    otherSide.ring();
    expected++;
  };
  return ({ first, count }) => {
    expected = first;
    sum = 0;
    for (let left = count, polls = 1; left > 0; polls++) {
      if (reader.poll(handler, 1) === 0) {
        ladder.idle(LONGEST_SLEEP_MS);
      } else {
        ladder.reset();
        left--;
      }
      if ((polls & 0xfffff) === 0) endOrphan();
    }
    checkSum('round trips, far side', sum, first, count);
    return undefined;
  };
}

serveRounds<HopSetup, HopRound, Distribution | undefined>((setup) => {
  const { there, back } = arenas(setup.carrier as RingPair | FilePair);
  const [output, input] = setup.role === 'pinger' ? [there, back] : [back, there];
  const writer = new StreamWriter(output);
  const reader = new StreamReader(input, 0);
  const wait = waiting(setup, reader);
  return setup.role === 'pinger' ? pinging(writer, reader, wait) : ponging(writer, reader, wait);
});
