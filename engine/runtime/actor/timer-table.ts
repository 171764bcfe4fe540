import { TimerRequest } from '../../../schemas/generated/timer-request.js';
import { MessageType } from '../../../schemas/message-type.js';
import { RuntimeSetupError } from '../arena/arena.js';
import type { ActorState } from './actor-state.js';
import type { Outbox } from './outbox.js';

export const TIMER_REQUEST_BYTES = TimerRequest.sizeOf();

/** What they are, in order. */
export const TIMER_TABLE = ['issued', 'serials', 'deadlines'] as const;

/** Bytes of an actor's state that its timers take. */
export function timerTableBytes(timers: number): number {
  return 8 + timers * 16;
}

/** The timers that a table remembers as pending, from its bytes: serial issued last, serials, deadlines. */
export function pendingTimersIn(
  table: Uint8Array,
  timers: number,
): { timer: number; deadline: number; serial: number }[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const pending: { timer: number; deadline: number; serial: number }[] = [];
  for (let timer = 0; timer < timers; timer++) {
    const serial = view.getFloat64(8 * (1 + timer), true);
    if (serial !== 0) pending.push({ timer, serial, deadline: view.getFloat64(8 * (1 + timers + timer), true) });
  }
  return pending;
}

/**
 * The pending timers of one core actor. They are part of its state: a snapshot holds them. The request itself is a record
 * in the actor's output, which the sequencer reads; the firing comes back as an event of the log.
 */
export class TimerTable {
  private readonly owner: string;
  private readonly rank: number;
  private readonly outbox: Outbox;
  /** Serial of the newest request. */
  private readonly issued: Float64Array;
  /** Serial of each timer's pending request; 0 when it has none. */
  private readonly serials: Float64Array;
  /** Deadline of each pending timer, microseconds of event time. */
  readonly deadlines: Float64Array;
  private readonly request = new TimerRequest();

  constructor(owner: string, timers: number, rank: number, state: ActorState, outbox: Outbox) {
    this.owner = owner;
    this.rank = rank;
    this.outbox = outbox;
    this.issued = state.float64(1);
    this.serials = state.float64(timers);
    this.deadlines = state.float64(timers);
  }

  schedule(timer: number, deadlineMicros: number): void {
    if (timer < 0 || timer >= this.serials.length) this.refuseTimer(timer);
    this.issued[0]! += 1;
    this.serials[timer] = this.issued[0]!;
    this.deadlines[timer] = deadlineMicros;
    this.ask(timer);
  }

  cancel(timer: number): void {
    if (timer < 0 || timer >= this.serials.length) this.refuseTimer(timer);
    if (this.serials[timer] === 0) return;
    this.deadlines[timer] = Number.NaN;
    this.ask(timer);
    this.serials[timer] = 0;
  }

  /** Whether this firing answers the timer's newest request; if so the timer is no longer pending. */
  accept(timer: number, serial: number): boolean {
    if (timer >= this.serials.length || this.serials[timer] !== serial) return false;
    this.serials[timer] = 0;
    return true;
  }

  private ask(timer: number): void {
    const { request, outbox } = this;
    request.__init(outbox.emit(MessageType.TIMER_REQUEST, TIMER_REQUEST_BYTES), outbox.buffer);
    request.mutate_actor(this.rank);
    request.mutate_timer(timer);
    request.mutate_deadline(this.deadlines[timer]!);
    request.mutate_serial(this.serials[timer]!);
  }

  private refuseTimer(timer: number): never {
    throw new RuntimeSetupError(
      `actor '${this.owner}' used timer ${timer}; its definition declares ${this.serials.length} timers`,
    );
  }
}
