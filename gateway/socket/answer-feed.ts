/** Something that is written while others look on: an answer of the assistant. */
export interface Followed {
  /** What was told behind the first `after` events, and the number of events now. */
  news(after: number): { next: number; events: readonly { kind: string }[] };
  /** Calls back whenever more was told, until the function that it gives back is called. */
  watch(wake: () => void): () => void;
}

/** What is told of an answer on a socket. `next` is null where nobody here writes it: its chat has it, or there is none. */
export interface AnswerNews {
  type: 'answer';
  answer: string;
  next: number | null;
  events: readonly { kind: string }[];
}

/** Between two messages, so that a fast answer comes in steps of a frame of the screen and not letter by letter. */
const STEP_MS = 33;
/** Bytes that may wait in the socket before more is told; what comes meanwhile is told in one. */
const MOST_WAITING = 64 * 1024;

/** Tells one socket what comes of an answer: the first word at once, then in steps, and nothing twice. */
export class AnswerFeed {
  private readonly answer: string;
  private readonly followed: Followed;
  private readonly socket: { say(news: AnswerNews): void; buffered(): number; ended(): void };
  private unwatch: () => void = () => {};
  private after: number;
  private timer: NodeJS.Timeout | undefined;
  private toldMs = Number.NEGATIVE_INFINITY;

  /** Begins behind the first `after` events: who comes back goes on where it was. */
  constructor(answer: string, followed: Followed, after: number, socket: AnswerFeed['socket']) {
    this.answer = answer;
    this.followed = followed;
    this.after = after;
    this.socket = socket;
  }

  start(): void {
    this.unwatch = this.followed.watch(() => this.wake());
    this.tell();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.unwatch();
  }

  private wake(): void {
    if (this.timer !== undefined) return;
    const waitMs = this.toldMs + STEP_MS - performance.now();
    if (waitMs <= 0) this.tell();
    else this.later(waitMs);
  }

  private later(waitMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.tell();
    }, waitMs);
  }

  private tell(): void {
    const { answer, followed, socket } = this;
    if (socket.buffered() > MOST_WAITING) {
      this.later(STEP_MS);
      return;
    }
    const { next, events } = followed.news(this.after);
    if (events.length === 0) return;
    this.after = next;
    this.toldMs = performance.now();
    socket.say({ type: 'answer', answer, next, events });
    if (events.at(-1)?.kind !== 'end') return;
    this.stop();
    socket.ended();
  }
}
