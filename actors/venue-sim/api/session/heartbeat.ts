const LEAST_INTERVAL_S = 10;
/** Without a word for so long a connection that has no heartbeat counts as dead, microseconds. */
const INACTIVITY = 600e6;

/** What a connection owes or is owed at some moment. */
export const Pulse = { NOTHING: 0, ASK: 1, DEAD: 2 } as const;
export type Pulse = (typeof Pulse)[keyof typeof Pulse];

/** Whether the other end still lives: asked at an interval, or watched for ten minutes of silence. */
export class Heartbeat {
  /** Microseconds; 0 for none. */
  #interval = 0;
  #due = 0;
  #owesAnswer = false;
  #heard: number;

  /** Times are microseconds since the Unix epoch. */
  constructor(now: number) {
    this.#heard = now;
  }

  /** Whether the venue takes this interval. */
  static allows(seconds: number): boolean {
    return seconds >= LEAST_INTERVAL_S;
  }

  start(seconds: number, now: number): void {
    this.#interval = seconds * 1e6;
    this.#due = now + this.#interval;
    this.#owesAnswer = false;
  }

  stop(): void {
    this.#interval = 0;
    this.#owesAnswer = false;
  }

  /** Something came. */
  heard(now: number): void {
    this.#heard = now;
  }

  /** `public/test` came, which answers a test request. */
  answered(): void {
    this.#owesAnswer = false;
  }

  look(now: number): Pulse {
    if (now - this.#heard >= INACTIVITY) return Pulse.DEAD;
    if (this.#interval === 0 || now < this.#due) return Pulse.NOTHING;
    if (this.#owesAnswer) return Pulse.DEAD;
    this.#owesAnswer = true;
    this.#due = now + this.#interval;
    return Pulse.ASK;
  }
}
