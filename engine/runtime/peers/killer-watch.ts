import { type PeerState, PeerWatch } from '../arena/presence.js';
import type { Board } from '../supervision/board.js';
import { RiskBan } from '../supervision/engine-state.js';

/** Its heart beats every 25 ms; on a machine that is full of other work it may pause. */
export const SILENT_AFTER_MS = 1000;
/** One that is silent for so long is not waited for any more. */
export const REPLACED_AFTER_MS = 5000;

export interface KillerWatchEvents {
  note(level: 'info' | 'warn' | 'error', message: string): void;
  /** Ends the killer's process, however it stands; another begins. */
  replace(): void;
}

/**
 * Whether somebody stands ready to kill. Nobody trades without: new risk is forbidden from the start until the killer is there, and again while it gives no
 * sign of life, be it dead, stuck or stopped.
 */
export class KillerWatch {
  private readonly board: Board;
  private readonly peer: PeerWatch;
  private readonly events: KillerWatchEvents;
  private wasThere = false;
  private isMissed = false;
  private missedSinceMs = 0;

  /** @param words of the killer's own file */
  constructor(words: Int32Array, board: Board, events: KillerWatchEvents) {
    this.board = board;
    this.peer = new PeerWatch(words, SILENT_AFTER_MS);
    this.events = events;
    board.forbidRisk(RiskBan.NO_KILLER);
  }

  /** @param nowMs by any monotonic clock */
  look(nowMs: number): void {
    const state = this.peer.look(nowMs);
    if (state === 'alive') this.there();
    else if (this.wasThere) this.missed(state, nowMs);
  }

  private there(): void {
    this.board.allowRisk(RiskBan.NO_KILLER);
    if (this.isMissed) this.events.note('warn', 'is there again');
    this.wasThere = true;
    this.isMissed = false;
  }

  private missed(state: PeerState, nowMs: number): void {
    if (!this.isMissed) {
      this.isMissed = true;
      this.missedSinceMs = nowMs;
      this.board.forbidRisk(RiskBan.NO_KILLER);
      this.events.note('error', `gives no sign of life (${state}): no new risk`);
    }
    // One that has ended begins again by itself.
    if (state !== 'silent' || nowMs - this.missedSinceMs < REPLACED_AFTER_MS - SILENT_AFTER_MS) return;
    this.missedSinceMs = nowMs;
    this.events.note(
      'error',
      `has given no sign of life for ${REPLACED_AFTER_MS / 1000} s: it is ended, and another begins`,
    );
    this.events.replace();
  }
}
