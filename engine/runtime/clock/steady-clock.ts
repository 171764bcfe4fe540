import type { EventClock } from './event-clock.js';

/** Part of true time that passes while the clock behind it has to catch up. */
const CATCHING_UP = 0.5;

/** A clock that ticks on: nanoseconds since any moment, written into `now[0]` by `tick`. */
interface Ticking {
  readonly now: Float64Array;
  tick(): void;
}

/** Places in `cells`: whether the clock is behind, and where both stood when that began. */
const IS_BEHIND = 0;
const FROM = 1;
const SINCE = 2;

/**
 * An event clock that never goes back and never stands still. Where the host's clock is set back, time that waited for it would stop every timer of the core,
 * for an hour if need be: no answer would be overdue, no market stale. So it passes at half its speed meanwhile, and the host's clock catches up.
 */
export class SteadyClock implements EventClock {
  readonly now = new Float64Array(1);
  private readonly host: EventClock;
  private readonly monotonic: Ticking;
  private readonly cells = new Float64Array(3);

  /** @param from event time that was reached before, microseconds since the Unix epoch; 0 for none */
  constructor(host: EventClock, monotonic: Ticking, from: number) {
    this.host = host;
    this.monotonic = monotonic;
    this.now[0] = from;
    this.tick();
  }

  tick(): void {
    const { host, now, cells } = this;
    host.tick();
    if (host.now[0]! >= now[0]!) {
      now[0] = host.now[0]!;
      cells[IS_BEHIND] = 0;
    } else this.goOn();
  }

  private goOn(): void {
    const { monotonic, now, cells } = this;
    monotonic.tick();
    if (cells[IS_BEHIND] === 0) {
      cells[IS_BEHIND] = 1;
      cells[FROM] = now[0]!;
      cells[SINCE] = monotonic.now[0]!;
    }
    // Whole microseconds, as the host's clock tells them.
    now[0] = Math.floor(cells[FROM]! + ((monotonic.now[0]! - cells[SINCE]!) / 1000) * CATCHING_UP);
  }
}
