import { type Chaos, MessageFate, MessageKind } from './chaos.js';

/** A message that cannot go yet. */
interface Waiting<Message> {
  message: Message;
  kind: MessageKind;
  /** When it goes, microseconds. */
  due: number;
  /** Others may go before it. */
  isLoose: boolean;
  /** Goes as soon as a cancel was confirmed. */
  awaitsCancel: boolean;
}

export interface LineEnd<Message> {
  deliver(message: Message, kind: MessageKind): void;
  /** Makes of a message what no client should believe. */
  corrupt(message: Message, chaos: Chaos): Message;
  /** More messages wait than the line takes. */
  overflow(): void;
}

const MOST_WAITING = 4096;

/** The way of one client's messages: what chaos decides is done to them here. Without chaos it is only a call. */
export class ChaosLine<Message> {
  readonly #chaos: Chaos;
  readonly #end: LineEnd<Message>;
  #waiting: Waiting<Message>[] = [];
  /** Nothing goes before this moment, microseconds. */
  #blockedUntil = 0;

  constructor(chaos: Chaos, end: LineEnd<Message>) {
    this.#chaos = chaos;
    this.#end = end;
  }

  /** @param now microseconds, of the same clock in every call */
  send(message: Message, kind: MessageKind, now: number): void {
    const { isOn } = this.#chaos;
    if (!isOn && this.#waiting.length === 0 && now >= this.#blockedUntil) {
      this.#end.deliver(message, kind);
      return;
    }
    const fate = this.#chaos.message(kind);
    const { waitMicros } = this.#chaos;
    if (fate === MessageFate.DROP) return;
    const going = fate === MessageFate.CORRUPT ? this.#end.corrupt(message, this.#chaos) : message;
    const isLoose = fate === MessageFate.OVERTAKE || fate === MessageFate.UNTIL_CANCELLED;
    if (fate === MessageFate.DELAY) this.stall(now + waitMicros);
    const due = isLoose ? now + waitMicros : Math.max(now, this.#blockedUntil);
    const awaitsCancel = fate === MessageFate.UNTIL_CANCELLED;
    this.#waiting.push({ message: going, kind, due, isLoose, awaitsCancel });
    if (fate === MessageFate.DUPLICATE) this.#waiting.push({ message: going, kind, due, isLoose, awaitsCancel });
    this.look(now);
    if (this.#waiting.length > MOST_WAITING) this.#end.overflow();
  }

  /** Sends nothing before a moment, microseconds. */
  stall(until: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, until);
  }

  /** Sends what is due. */
  look(now: number): void {
    if (this.#waiting.length === 0 || now < this.#blockedUntil) return;
    for (let isCancelled = true; isCancelled; ) {
      isCancelled = false;
      const due = this.#waiting.filter((one) => isDue(one, now));
      if (due.length === 0) return;
      this.#waiting = this.#waiting.filter((one) => !isDue(one, now));
      for (const { message, kind } of due) {
        this.#end.deliver(message, kind);
        isCancelled ||= kind === MessageKind.CANCELLED;
      }
      if (isCancelled) for (const one of this.#waiting) if (one.awaitsCancel) one.due = now;
    }
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }
}

function isDue({ due, isLoose }: Waiting<unknown>, now: number): boolean {
  // What keeps its place waits for the line alone, which is open here.
  return !isLoose || due <= now;
}
