import type { Board } from '../../engine/runtime/supervision/board.js';
import { KillReason, killReasonText } from '../../engine/runtime/supervision/kill-reason.js';
import type { AuditLog } from '../security/audit.js';

/** What an audit line of nobody's says of who did it. */
const NOBODY = { user: '', role: '', remote: '', request: '', reason: '' };

/** Watches the kill latch, whoever sets or opens it, and keeps in the audit log when that was. */
export class Latch {
  private readonly board: Board | undefined;
  private readonly audit: AuditLog;
  private readonly now: () => number;
  private seen: KillReason = KillReason.NONE;
  private sinceMs = 0;

  /** @param board absent where nothing is seen of the engine @param now milliseconds since the Unix epoch */
  constructor(board: Board | undefined, audit: AuditLog, now: () => number = Date.now) {
    this.board = board;
    this.audit = audit;
    this.now = now;
  }

  /** Why it is set; NONE while it is open. */
  get reason(): KillReason {
    return this.board?.killed() ?? KillReason.NONE;
  }

  /** When it was first seen set; ISO 8601, null while it is open. */
  get since(): string | null {
    this.look();
    return this.sinceMs === 0 ? null : new Date(this.sinceMs).toISOString();
  }

  /** What stands in the way of opening it by a command; undefined where nothing does. */
  get objection(): string | undefined {
    const { reason } = this;
    if (reason === KillReason.NONE) return 'it is open';
    if (reason === KillReason.OPERATOR) return undefined;
    return `${killReasonText(reason)}: find out why, end the engine and start it anew`;
  }

  /** Costs one load of a word where nothing has changed. */
  look(): void {
    const { reason, seen } = this;
    if (reason === seen) return;
    this.seen = reason;
    const isSet = reason !== KillReason.NONE;
    this.sinceMs = isSet ? this.now() : 0;
    this.audit.write({
      ...NOBODY,
      action: isSet ? 'latch set' : 'latch opened',
      outcome: isSet ? killReasonText(reason) : 'seen',
    });
  }
}
