import type { MessageKind } from '../../chaos/chaos.js';

/** Who can be told something. */
export interface Subscriber {
  notify(text: string, kind: MessageKind): void;
}

/** One channel with those who follow it. */
export class Channel {
  readonly name: string;
  readonly subscribers: Subscriber[] = [];
  readonly #head: string;

  constructor(name: string) {
    this.name = name;
    this.#head = `{"jsonrpc":"2.0","method":"subscription","params":{"channel":${JSON.stringify(name)},"data":`;
  }

  /** A whole notification around the JSON of its data. */
  message(data: string): string {
    return `${this.#head}${data}}}`;
  }

  /** Tells everybody. */
  publish(data: string, kind: MessageKind): void {
    const { subscribers } = this;
    if (subscribers.length === 0) return;
    const text = this.message(data);
    for (let at = 0; at < subscribers.length; at++) subscribers[at]!.notify(text, kind);
  }

  add(subscriber: Subscriber): void {
    this.subscribers.push(subscriber);
  }

  remove(subscriber: Subscriber): void {
    const at = this.subscribers.indexOf(subscriber);
    if (at >= 0) this.subscribers.splice(at, 1);
  }
}
