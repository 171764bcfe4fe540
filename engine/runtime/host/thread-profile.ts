import type { Worker } from 'node:worker_threads';
import type { EngineMemory } from './engine-memory.js';
import type { ProfileAnswer, ProfileKind, ProfileRequest } from './thread-profiler.js';
import type { ThreadMessage } from './thread-spec.js';
import { delay } from './time-limits.js';

/** A thread answers at its next look; a large profile takes it a while to write. */
const PROFILE_WITHIN_MS = 10_000;

/** What is profiled. */
export interface ProfileAsked {
  /** Tells this profile from others of the same thread. */
  id: number;
  thread: string;
  what: ProfileKind;
  ms: number;
}

/** Has a thread profile itself for so long; its profile as V8 writes it. @throws Error where it does not answer */
export async function profileThread(
  worker: Worker,
  memory: EngineMemory,
  { id, thread, what, ms }: ProfileAsked,
): Promise<string> {
  const ask = (request: ProfileRequest): void => {
    worker.postMessage(request);
    memory.board.askForPorts();
    memory.wakeAll();
  };
  let hear: (answer: ProfileAnswer) => void = () => {};
  const answered = new Promise<ProfileAnswer>((resolve) => {
    hear = resolve;
  });
  const onMessage = (message: ThreadMessage): void => {
    if (message.kind === 'profile' && message.id === id) hear(message);
  };
  worker.on('message', onMessage);
  try {
    ask({ kind: 'profile', id, act: 'begin', what });
    // What could not be begun is answered at once.
    await Promise.race([delay(ms), answered]);
    ask({ kind: 'profile', id, act: 'end' });
    const answer = await Promise.race([answered, delay(PROFILE_WITHIN_MS)]);
    if (answer === undefined) throw new Error(`the thread '${thread}' has not answered`);
    if (answer.profile === undefined) throw new Error(answer.failure ?? 'it was not made');
    return answer.profile;
  } finally {
    worker.off('message', onMessage);
  }
}
