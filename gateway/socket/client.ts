import { SCHEMA_FINGERPRINT } from '../../schemas/generated/fingerprint.js';
import { EventTopic, type MergeTopic, type Role, roleAllows } from '../topics/topic.js';
import type { TopicSet } from '../topics/topic-set.js';
import { SOCKET_PATH, type Socket, type SocketEnd } from '../transport/transport.js';
import { AnswerFeed, type AnswerNews, type Followed } from './answer-feed.js';
import { type ControlMessage, parseControl } from './control.js';
import type { Hub, Subscriber } from './hub.js';

/** Frames that may be on their way unacknowledged, and for how long. */
const CREDIT_FRAMES = 64;
const LAGGING_MS = 1000;
const GONE_MS = 30_000;
const MAX_BUFFERED = 1024 * 1024;
const HELLO_MS = 5000;
const MOST_SUBSCRIPTIONS = 64;
const MOST_ANSWERS = 8;
/** Control messages a second, and at once. */
const MESSAGES_A_SECOND = 100;
const MESSAGES_AT_ONCE = 200;

/** Codes by which a socket is closed. */
export const CloseCode = {
  GOING_AWAY: 1001,
  NO_BINARY: 1003,
  NOT_SIGNED_IN: 4001,
  NOT_ALLOWED: 4003,
  NOT_ACKNOWLEDGED: 4008,
  TOO_MANY: 4009,
} as const;

/** Who speaks. */
export interface Identity {
  name: string;
  role: Role;
  /** Microseconds; the socket is closed when it is over. */
  isValid(): boolean;
}

/** What a client of a socket is served by. */
export interface ClientServices {
  hub: Hub;
  topics: TopicSet;
  /** Who holds a ticket or a token; undefined for nobody. */
  identify(message: { ticket?: string | undefined; token?: string | undefined }, remote: string): Identity | undefined;
  /** An answer of the assistant that is being written for a user; undefined where there is none. Absent where nobody answers. */
  answerOf?(user: string, answer: string): Promise<Followed | undefined>;
  closed(client: Client): void;
}

/** One screen or program at a socket: says hello, subscribes, acknowledges. */
export class Client implements SocketEnd, Subscriber {
  private readonly socket: Socket;
  private readonly services: ClientServices;
  private readonly now: () => number;
  private readonly following = new Set<string>();
  private readonly answers = new Map<string, AnswerFeed>();
  private identity: Identity | undefined;
  private readonly openedMs: number;
  private sent = 0;
  private acknowledged = 0;
  /** Frames that wait for `flush`, and their bytes. */
  private outbox: Uint8Array[] = [];
  private outboxBytes = 0;
  /** Of each flush with frames that are not acknowledged: its last frame, and when it was, ms. */
  private readonly flushes: { last: number; atMs: number }[] = [];
  private messages = MESSAGES_AT_ONCE;
  private messageMs: number;
  private open = true;

  /** `now`: milliseconds that never go back. */
  constructor(socket: Socket, services: ClientServices, now: () => number = () => performance.now()) {
    this.socket = socket;
    this.services = services;
    this.now = now;
    this.openedMs = now();
    this.messageMs = this.openedMs;
  }

  get isOpen(): boolean {
    return this.open;
  }

  get isLagging(): boolean {
    return this.identity !== undefined && !this.isHealthy();
  }

  isHealthy(): boolean {
    if (this.sent - this.acknowledged > CREDIT_FRAMES || this.socket.buffered() + this.outboxBytes > MAX_BUFFERED)
      return false;
    return this.outstandingMs() <= LAGGING_MS;
  }

  sendFrame(frame: Uint8Array): boolean {
    if (!this.open) return false;
    this.outbox.push(frame);
    this.outboxBytes += frame.length;
    this.sent++;
    return true;
  }

  flush(): void {
    const { outbox, open } = this;
    if (outbox.length === 0) return;
    this.outbox = [];
    this.outboxBytes = 0;
    if (!open) return;
    this.flushes.push({ last: this.sent, atMs: this.now() });
    this.socket.sendAll(outbox);
  }

  /** Looks after time limits; call about once a second. */
  watch(): void {
    if (!this.open) return;
    if (this.identity === undefined) {
      if (this.now() - this.openedMs > HELLO_MS) this.close(CloseCode.NOT_SIGNED_IN, 'no hello within 5 s');
      return;
    }
    if (!this.identity.isValid()) this.close(CloseCode.NOT_SIGNED_IN, 'signed out');
    else if (this.outstandingMs() > GONE_MS) this.close(CloseCode.NOT_ACKNOWLEDGED, 'nothing acknowledged for 30 s');
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    this.socket.close(code, reason);
    this.onClosed();
  }

  onClosed(): void {
    if (!this.open) return;
    this.open = false;
    for (const feed of this.answers.values()) feed.stop();
    this.answers.clear();
    this.services.hub.forget(this);
    this.services.closed(this);
  }

  onBinary(): void {
    this.close(CloseCode.NO_BINARY, 'clients speak text');
  }

  onText(text: string): void {
    if (!this.open) return;
    if (!this.maySpeak()) {
      this.close(CloseCode.TOO_MANY, `more than ${MESSAGES_A_SECOND} messages a second`);
      return;
    }
    const message = parseControl(text);
    if (typeof message === 'string') {
      if (this.identity === undefined) this.close(CloseCode.NOT_SIGNED_IN, 'the first message is hello');
      else this.say({ type: 'error', code: 'malformed', message });
      return;
    }
    if (message.type === 'hello') this.hello(message);
    else if (this.identity === undefined) this.close(CloseCode.NOT_SIGNED_IN, 'the first message is hello');
    else if (message.type === 'ack') this.acknowledge(message.frames);
    else if (message.type === 'follow') void this.follow(message.id, message.answer, message.after, this.identity);
    else if (message.type === 'leave') this.leave(message.id, message.answer);
    else this.obey(message, this.identity);
  }

  private hello(message: { ticket?: string | undefined; token?: string | undefined }): void {
    if (this.identity !== undefined) {
      this.say({ type: 'error', code: 'twice', message: 'hello was said' });
      return;
    }
    const identity = this.services.identify(message, this.socket.remote);
    if (identity === undefined) {
      this.close(CloseCode.NOT_SIGNED_IN, 'ticket or token refused');
      return;
    }
    this.identity = identity;
    this.say({
      type: 'hello',
      epoch: this.services.hub.epoch,
      schemas: SCHEMA_FINGERPRINT,
      socket: SOCKET_PATH,
      user: identity.name,
      role: identity.role,
      topics: this.services.topics.topics
        .filter(({ definition }) => roleAllows(identity.role, definition.role))
        .map(({ definition, number }) => {
          const { name, class: kind, rowType, row, stride, keys, text } = definition;
          return { name, number, class: kind, rowType, row, stride, keys, text };
        }),
    });
  }

  private obey(message: Extract<ControlMessage, { topic: string }>, identity: Identity): void {
    const { id } = message;
    const topic = this.services.topics.find(message.topic);
    if (topic === undefined) {
      this.say({ type: 'error', id, code: 'no-topic', message: `there is no topic '${message.topic}'` });
      return;
    }
    if (!roleAllows(identity.role, topic.definition.role)) {
      const message = `'${topic.definition.name}' needs the role ${topic.definition.role}`;
      this.say({ type: 'error', id, code: 'not-allowed', message });
      return;
    }
    if (message.type === 'subscribe') this.subscribe(id, topic, message.hz, message.from);
    else if (!this.following.has(message.topic)) {
      this.say({ type: 'error', id, code: 'not-subscribed', message: `'${message.topic}' is not followed` });
    } else if (message.type === 'rate') {
      this.services.hub.unsubscribe(this, topic);
      this.subscribe(id, topic, message.hz, undefined);
    } else if (message.type === 'resync') {
      this.say({ type: 'done', id });
      this.services.hub.resync(this, topic);
    } else {
      this.services.hub.unsubscribe(this, topic);
      this.following.delete(message.topic);
      this.say({ type: 'done', id });
    }
  }

  private subscribe(
    id: number,
    topic: MergeTopic | EventTopic,
    hz: number,
    from: { epoch: number; seq: number } | undefined,
  ): void {
    const { hub } = this.services;
    const { name } = topic.definition;
    if (!this.following.has(name) && this.following.size >= MOST_SUBSCRIPTIONS) {
      this.say({ type: 'error', id, code: 'too-many', message: `a socket follows ${MOST_SUBSCRIPTIONS} topics` });
      return;
    }
    // A second time: begin again.
    if (this.following.has(name)) hub.unsubscribe(this, topic);
    this.following.add(name);
    this.say({ type: 'subscribed', id, topic: name, number: topic.number, hz });
    // What another life numbered says nothing here.
    const isOurs = topic instanceof EventTopic && from?.epoch === hub.epoch && from.seq <= topic.version;
    hub.subscribe(this, topic, hz, isOurs ? from?.seq : undefined);
  }

  /** Tells what comes of an answer, from an event of it on; a second time: begins again. */
  private async follow(id: number, answer: string, after: number, { name }: Identity): Promise<void> {
    if (!this.answers.has(answer) && this.answers.size >= MOST_ANSWERS) {
      this.say({ type: 'error', id, code: 'too-many', message: `a socket follows ${MOST_ANSWERS} answers` });
      return;
    }
    let followed: Followed | undefined;
    try {
      followed = await this.services.answerOf?.(name, answer);
    } catch (error) {
      this.say({
        type: 'error',
        id,
        code: 'no-assistant',
        message: 'the assistant cannot be opened; the log has more',
      });
      process.stderr.write(`assistant: ${error instanceof Error ? error.message : error}\n`);
      return;
    }
    if (!this.open) return;
    this.answers.get(answer)?.stop();
    if (followed === undefined) {
      this.say({ type: 'answer', answer, next: null, events: [] } satisfies AnswerNews);
      return;
    }
    const feed = new AnswerFeed(answer, followed, after, {
      say: (news) => this.say(news),
      buffered: () => this.socket.buffered(),
      ended: () => this.answers.delete(answer),
    });
    this.answers.set(answer, feed);
    feed.start();
  }

  private leave(id: number, answer: string): void {
    this.answers.get(answer)?.stop();
    this.answers.delete(answer);
    this.say({ type: 'done', id });
  }

  private acknowledge(frames: number): void {
    // Who acknowledges what was never sent gains nothing.
    const upTo = Math.min(frames, this.sent);
    if (upTo <= this.acknowledged) return;
    this.acknowledged = upTo;
    let done = 0;
    while (done < this.flushes.length && this.flushes[done]!.last <= upTo) done++;
    this.flushes.splice(0, done);
  }

  private outstandingMs(): number {
    const [oldest] = this.flushes;
    return oldest === undefined ? 0 : this.now() - oldest.atMs;
  }

  private maySpeak(): boolean {
    const now = this.now();
    this.messages = Math.min(MESSAGES_AT_ONCE, this.messages + ((now - this.messageMs) / 1000) * MESSAGES_A_SECOND);
    this.messageMs = now;
    if (this.messages < 1) return false;
    this.messages--;
    return true;
  }

  private say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }
}
