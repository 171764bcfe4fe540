import { FrameMemory } from '../actors/feed/wire/frame-memory.js';

/** Frames laid out one behind the other, as in a socket's buffer, beside their texts for peers that need strings. */
export interface FrameSet {
  texts: string[];
  memory: FrameMemory;
  starts: Int32Array;
  ends: Int32Array;
}

export function layOut(texts: string[]): FrameSet {
  const frames = texts.map((text) => Buffer.from(text));
  const memory = new FrameMemory(frames.reduce((sum, { length }) => sum + length, 0));
  const starts = new Int32Array(frames.length);
  const ends = new Int32Array(frames.length);
  let at = 0;
  for (const [index, frame] of frames.entries()) {
    memory.bytes.set(frame, at);
    starts[index] = at;
    at += frame.length;
    ends[index] = at;
  }
  return { texts, memory, starts, ends };
}

/** Recorded data, or an error that says what is missing. */
export function needed<T>(data: T | undefined, what: string): T {
  if (data === undefined) throw new Error(`this benchmark replays recorded data: ${what} is not in ../shared/data`);
  return data;
}
