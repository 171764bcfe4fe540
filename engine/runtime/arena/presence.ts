import { PresenceWord } from './layout.js';
import { processStarted } from './process-identity.js';

/**
 * How processes that share memory know of each other: a process writes its pid, its start and a heartbeat into the descriptor
 * line of an arena that it may write. Who reads it waits for nobody and is harmed by nobody's death.
 */

/** Says that this process is there. */
export function announcePresence(words: Int32Array): void {
  Atomics.store(words, PresenceWord.STARTED, (processStarted(process.pid) ?? 0) | 0);
  Atomics.store(words, PresenceWord.PID, process.pid);
}

/** Says that this process is alive and at work; once per turn of its loop. */
export function beat(words: Int32Array): void {
  Atomics.store(words, PresenceWord.HEARTBEAT, (words[PresenceWord.HEARTBEAT]! + 1) | 0);
}

/** Whether the process that announced itself here is still the one that runs under its pid. A few microseconds. */
export function peerAlive(words: Int32Array): boolean {
  const pid = Atomics.load(words, PresenceWord.PID);
  if (pid <= 0) return false;
  const started = processStarted(pid);
  return started !== undefined && (started | 0) === Atomics.load(words, PresenceWord.STARTED);
}

/** absent: nobody announced itself; silent: its process runs but its heart does not beat. */
export type PeerState = 'absent' | 'alive' | 'silent' | 'dead';

/** Watches one peer. The process table is asked only when the heart has not beaten for a while. */
export class PeerWatch {
  private readonly words: Int32Array;
  private readonly silentMs: number;
  private lastBeat: number;
  private lastBeatMs: number | undefined;

  /** `silentMs`: how long a heart may not beat before its process is looked for. */
  constructor(words: Int32Array, silentMs: number) {
    this.words = words;
    this.silentMs = silentMs;
    this.lastBeat = Atomics.load(words, PresenceWord.HEARTBEAT);
  }

  /** The peer's state at this time of the caller's clock, in milliseconds. */
  look(nowMs: number): PeerState {
    if (Atomics.load(this.words, PresenceWord.PID) === 0) return 'absent';
    const heartbeat = Atomics.load(this.words, PresenceWord.HEARTBEAT);
    if (heartbeat !== this.lastBeat || this.lastBeatMs === undefined) {
      this.lastBeat = heartbeat;
      this.lastBeatMs = nowMs;
      return 'alive';
    }
    if (nowMs - this.lastBeatMs < this.silentMs) return 'alive';
    return peerAlive(this.words) ? 'silent' : 'dead';
  }
}
