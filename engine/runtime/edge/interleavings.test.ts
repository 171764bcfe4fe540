import { describe, expect, it } from 'vitest';
import { explore, type Program } from '../../testing/interleaving/explore.js';
import { mutant } from '../../testing/interleaving/mutant.js';
import {
  broadcastProgram,
  type Classes,
  doorbellProgram,
  latestProgram,
  realClasses,
  streamProgram,
} from '../../testing/interleaving/programs.js';

/** Outcomes that are right, each with why. */
type Outcomes = Record<string, string>;

/** Every order of accesses leads to one of these outcomes, and each of these is reached by some order. */
function expectOutcomes(program: Program, legal: Outcomes): void {
  const { outcomes } = explore(program);
  for (const [outcome, schedule] of outcomes) {
    expect(Object.keys(legal), `not a legal outcome; a schedule that leads to it: ${schedule}`).toContain(outcome);
  }
  expect([...outcomes.keys()].sort()).toEqual(Object.keys(legal).sort());
}

const gatedStream: Outcomes = {
  'sent 2 | read  | left 12': 'The ring was full before the reader first looked; what was sent waits.',
  'sent 2 | read 1 | left 2': 'The reader gave the first back after the writer had found the ring full.',
  'sent 2 | read 12 | left ': 'The reader gave both back after the writer had found the ring full.',
  'sent 3 | read 1 | left 23': 'The first was given back in time for the third; the rest waits.',
  'sent 3 | read 12 | left 3': 'Room for the third came in time, not for the fourth.',
  'sent 3 | read 123 | left ': 'The reader took all three after the writer had found no room for the fourth.',
  'sent 4 | read 12 | left 34': 'Two were given back in time; the other two wait.',
  'sent 4 | read 123 | left 4': 'All were sent; the reader stopped before the last.',
  'sent 4 | read 1234 | left ': 'All were sent and read.',
};

const batchedStream: Outcomes = {
  'sent 3 | read  | left 123': 'Three of the small records fill the ring; the reader looked too early.',
  'sent 3 | read 12 | left 3': 'The reader saw the first batch; the third was published alone.',
  'sent 3 | read 123 | left ': 'The reader saw both batches.',
  'sent 4 | read 12 | left 34': 'The first batch was given back in time for the fourth; the second waits.',
  'sent 4 | read 1234 | left ': 'Both batches were read. One or three of four is never seen: a batch is whole.',
};

const broadcast: Outcomes = {
  'sent | read ': 'The reader looked before anything was sent.',
  'sent | read  lapped 1': 'It was lapped, and what stands at the newer place is already being overwritten too.',
  'sent | read 1': 'It looked once more before the second came.',
  'sent | read 12': 'It saw two.',
  'sent | read 123': 'It kept up until the third.',
  'sent | read 1234': 'It kept up.',
  'sent | read 1 lapped 1': 'It was lapped behind the first, and found nothing more that was whole.',
  'sent | read 13 lapped 1': 'It lost the second, knows it, and went on at the start of the newest lap.',
  'sent | read 134 lapped 1': 'It lost the second and saw all of the newest lap.',
  'sent | read 3 lapped 1': 'It lost the first two and looked before the fourth came.',
  'sent | read 34 lapped 1': 'It lost the first two and saw the newest lap.',
};

const batchedBroadcast: Outcomes = {
  'sent | read ': 'The reader looked before anything was sent.',
  'sent | read  lapped 1': 'It was lapped, and saw nothing whole afterwards.',
  'sent | read 1 lapped 1': 'It copied the first in time; the second was being overwritten by the next batch.',
  'sent | read 12': 'It saw the first batch.',
  'sent | read 1234': 'It kept up.',
  'sent | read 134 lapped 1': 'It lost the second of the first batch.',
  'sent | read 34 lapped 1': 'It lost the first batch.',
};

const oneKey: Outcomes = {
  'written | read - 2': 'Nothing was whole yet at the first look; the newest is there at the end.',
  'written | read 1 2': 'Each value when it came.',
  'written | read 2 -': 'The first was conflated, and the newest comes once only.',
};

const oneKeyFour: Outcomes = {
  'written | read - 4': 'Nothing was whole yet at the first look; the newest is there at the end.',
  'written | read 1 4': 'The second and third were conflated.',
  'written | read 2 4': 'The first and third were conflated.',
  'written | read 3 4': 'The first two were conflated.',
  'written | read 4 -': 'Three were conflated, and the newest comes once only.',
};

const oneKeyTwice: Outcomes = {
  'written | read - - 2': 'Nothing was whole yet at two looks; the newest is there at the end.',
  'written | read - 1 2': 'Nothing at first, then each value.',
  'written | read - 2 -': 'Nothing at first, then the newest, once only.',
  'written | read 1 - 2': 'The first value is not given twice while the second is being written.',
  'written | read 1 2 -': 'Each value when it came.',
  'written | read 2 - -': 'The newest, once only.',
};

const twoKeys: Outcomes = {
  'written | read - 21': 'Nothing yet at the first look; both keys at the end, in their order.',
  'written | read 1 2': 'The second key’s value came first, the first key’s later.',
  'written | read 2 1': 'Both were there; the limit was spent on the first key, the second was not forgotten.',
};

const onOneLook: Outcomes = {
  'sent | read 123': 'However the two meet, the consumer has all in the end and never sleeps for ever.',
};

/** Slots that are copied once a poll: the other attempts do the same over again and only multiply the states. */
const oneAttempt = async (): Promise<Classes> => ({
  ...realClasses,
  ...(await mutant<Pick<Classes, 'LatestReader'>>(
    'engine/runtime/edge/latest-reader',
    'const MAX_COPIES = 4;',
    'const MAX_COPIES = 1;',
  )),
});

const programs = {
  stream: (classes: Classes) => streamProgram(classes, [56, 56, 56, 56], { polls: 3, limit: 10 }),
  streamOneByOne: (classes: Classes) => streamProgram(classes, [56, 56, 56, 56], { polls: 4, limit: 1 }),
  streamPadded: (classes: Classes) => streamProgram(classes, [56, 0, 8, 0], { polls: 3, limit: 10 }),
  streamBatched: (classes: Classes) => streamProgram(classes, [0, 0, 0, 0], { polls: 3, limit: 10, batch: 2 }),
  streamTwoReaders: (classes: Classes) => streamProgram(classes, [56, 56, 56], { polls: 2, limit: 10, readers: 2 }),
  broadcast: (classes: Classes) => broadcastProgram(classes, 4, { polls: 2 }),
  broadcastThree: (classes: Classes) => broadcastProgram(classes, 3, { polls: 1 }),
  broadcastBatched: (classes: Classes) => broadcastProgram(classes, 4, { polls: 2, batch: 2 }),
  latest: (classes: Classes) => latestProgram(classes, [0, 0], { polls: 1, limit: 10 }),
  latestTwice: (classes: Classes) => latestProgram(classes, [0, 0], { polls: 2, limit: 10 }),
  latestFour: (classes: Classes) => latestProgram(classes, [0, 0, 0, 0], { polls: 1, limit: 10 }),
  latestTwoKeys: (classes: Classes) => latestProgram(classes, [1, 0], { polls: 1, limit: 1 }),
  doorbell: (classes: Classes) => doorbellProgram(classes, 3),
};

describe('in every order of two threads’ accesses to memory', () => {
  it('a Stream of two records loses nothing, doubles nothing, tears nothing', () => {
    expectOutcomes(programs.stream(realClasses), gatedStream);
  });

  it('a Stream that is read one by one does the same', () => {
    expectOutcomes(programs.streamOneByOne(realClasses), gatedStream);
  });

  it('a Stream of records of different sizes, padded at the wrap, does the same', () => {
    expectOutcomes(programs.streamPadded(realClasses), gatedStream);
  });

  it('a Stream shows batches whole', () => {
    expectOutcomes(programs.streamBatched(realClasses), batchedStream);
  });

  it('a Stream waits for the slower of two readers, and gives each all', () => {
    const { outcomes } = explore(programs.streamTwoReaders(realClasses));
    const legal = (sent: number, reads: number[]): string => {
      const all = '123'.slice(0, sent);
      return `sent ${sent} | ${reads.map((read) => `read ${all.slice(0, read)}`).join(' | ')} | left ${reads.map((read) => all.slice(read)).join(',')}`;
    };
    // Two fit without anybody; the third needs both readers to have read one at least.
    const twoSent = [0, 1, 2].flatMap((one) => [0, 1, 2].map((other) => legal(2, [one, other])));
    const threeSent = [1, 2, 3].flatMap((one) => [1, 2, 3].map((other) => legal(3, [one, other])));
    expect([...outcomes.keys()].sort()).toEqual([...twoSent, ...threeSent].sort());
  });

  it('a Broadcast gives whole records in order, and its reader knows when some are missing', () => {
    expectOutcomes(programs.broadcast(realClasses), broadcast);
    expectOutcomes(programs.broadcastBatched(realClasses), batchedBroadcast);
  });

  it('a Latest gives whole values, newer ones only, and the newest of every key in the end', () => {
    expectOutcomes(programs.latest(realClasses), oneKey);
    expectOutcomes(programs.latestTwice(realClasses), oneKeyTwice);
    expectOutcomes(programs.latestTwoKeys(realClasses), twoKeys);
  });

  it('a Latest does so for four values, copied once a poll', async () => {
    expectOutcomes(programs.latestFour(await oneAttempt()), oneKeyFour);
  });

  it('a reader that parks is always woken', () => {
    expectOutcomes(programs.doorbell(realClasses), onOneLook);
  });
});

describe('the exploration finds an error that is put into the real code:', () => {
  const edge = 'engine/runtime/edge';
  it.each<[string, string, string, string, (classes: Classes) => Program, Outcomes]>([
    [
      'a Stream publishes a record before it is written',
      `${edge}/stream-writer`,
      'this.claimed = end;',
      'this.claimed = end; Atomics.store(this.words, TAIL, end);',
      programs.stream,
      gatedStream,
    ],
    [
      'a Stream’s reader gives a record back before it has read it',
      `${edge}/stream-reader`,
      'handler(type, buffer, word << 3);',
      'Atomics.store(words, this.headIndex, (position + (recordStep(length) >> 3)) | 0); handler(type, buffer, word << 3);',
      programs.stream,
      gatedStream,
    ],
    [
      'a Stream’s writer does not wait for its readers',
      `${edge}/stream-writer`,
      'if (behind > most)',
      'if (behind < 0)',
      programs.stream,
      gatedStream,
    ],
    [
      'a Stream’s record straddles the end of the ring',
      `${edge}/stream-writer`,
      'const padding = step > toEnd ? toEnd : 0;',
      'const padding = 0;',
      programs.streamPadded,
      gatedStream,
    ],
    [
      'a Broadcast’s writer does not say what it is about to overwrite',
      `${edge}/broadcast-writer`,
      'Atomics.store(this.words, INTENT, end);',
      '',
      programs.broadcastThree,
      broadcast,
    ],
    [
      'a Broadcast’s reader does not look again after it has copied',
      `${edge}/broadcast-reader`,
      '(Atomics.load(words, INTENT) - position) >>> 0 > capacity',
      'false',
      programs.broadcastThree,
      broadcast,
    ],
    [
      'a Latest’s version does not change when its slot is being written',
      `${edge}/latest-writer`,
      'Atomics.store(versions, key, (versions[key] + 1) | 1);',
      '',
      programs.latest,
      oneKey,
    ],
    [
      'a Latest’s reader does not look at the version again',
      `${edge}/latest-reader`,
      'if (Atomics.load(versions, key) === version)',
      'if (version === version)',
      programs.latest,
      oneKey,
    ],
    [
      'a Latest’s block changes before its key does',
      `${edge}/latest-writer`,
      'Atomics.store(versions, key, (versions[key] + 1) & ~1);',
      'Atomics.store(blocks, block, (blocks[block] + 1) | 0); Atomics.store(words, TAIL, (words[TAIL] + 1) | 0); Atomics.store(versions, key, (versions[key] + 1) & ~1); return;',
      programs.latest,
      oneKey,
    ],
    [
      'a sleeper does not look at its inputs again after it has said that it parks',
      'engine/runtime/wait/doorbell',
      'const sleeps = !hasWork();',
      'const sleeps = true;',
      programs.doorbell,
      onOneLook,
    ],
    [
      'a producer wakes a sleeper without changing the bell',
      'engine/runtime/wait/doorbell',
      'Atomics.add(this.words, BELL, 1);',
      '',
      programs.doorbell,
      onOneLook,
    ],
  ])('%s', async (_name, source, original, error, program, legal) => {
    const broken = { ...realClasses, ...(await mutant<Partial<Classes>>(source, original, error)) };
    const wrong = [...explore(program(broken)).outcomes.keys()].filter((outcome) => !(outcome in legal));
    expect(wrong).not.toEqual([]);
  });
});
