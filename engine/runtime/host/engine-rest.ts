import { headWord, PROGRESS, TAIL } from '../arena/layout.js';
import { KillReason } from '../supervision/kill-reason.js';
import type { Topology } from '../topology/topology.js';
import type { EngineMemory } from './engine-memory.js';
import { delay } from './time-limits.js';

/** Looks in a row at which nothing may have moved before the engine counts as drained. */
const STILL_LOOKS = 5;
const STILL_LOOK_MS = 20;

/**
 * Resolves when nothing has moved for a while: every input that was going to come has been answered. For inputs that end,
 * as those of replays do.
 */
export async function drained({ board, boardPlan, streams }: EngineMemory): Promise<void> {
  const tails = (): string => [...streams.values()].map(({ words }) => Atomics.load(words, TAIL)).join();
  const threadsAreIdle = (): boolean => boardPlan.threads.every((_, thread) => board.thread(thread).idle);
  let before = '';
  for (let still = 0; still < STILL_LOOKS; ) {
    await delay(STILL_LOOK_MS);
    const now = tails();
    still = now === before && threadsAreIdle() ? still + 1 : 0;
    before = now;
    if (board.killed() !== KillReason.NONE) return;
  }
}

/** Whether every reader has taken all there is, and every stage has finished the last event of the log. */
export function isSettled({ streams, wires }: EngineMemory, topology: Topology): boolean {
  const wordsOf = (stream: string): Int32Array => streams.get(stream)!.words;
  const logged = Atomics.load(wordsOf(topology.sequencer.writes.name), PROGRESS);
  const isTaken = [...wires.values()].every(({ edge, readers }) => {
    const words = wordsOf(edge.name);
    return readers.every((_, reader) => Atomics.load(words, headWord(reader)) === Atomics.load(words, TAIL));
  });
  return (
    isTaken &&
    topology.actors.every(
      ({ kind, writes }) => kind === 'io' || Atomics.load(wordsOf(writes!.name), PROGRESS) === logged,
    )
  );
}
