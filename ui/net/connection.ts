import { SCHEMA_FINGERPRINT } from '../../schemas/generated/fingerprint.js';
import type { Channel } from '../store/channel.js';
import { Store, type Subscriptions } from '../store/store.js';
import { backoff } from './backoff.js';
import { earlySocket, SUBPROTOCOL } from './early.js';
import { FrameReader } from './frame.js';

/** Milliseconds after a painted frame within which it is acknowledged, and frames after which it is at once. */
const ACK_MS = 250;
const ACK_FRAMES = 32;

export type LinkState = 'connecting' | 'sign in' | 'live' | 'lost' | 'other version';

/** How the socket says who it is; undefined where somebody must sign in first. */
export type TicketSource = () => Promise<{ ticket: string } | { token: string } | undefined>;

/** What the gateway tells of an answer of the assistant; `next` is null where nobody writes it any more. */
export interface AnswerNews {
  answer: string;
  next: number | null;
  events: readonly unknown[];
}

interface Control extends Partial<AnswerNews> {
  type: string;
  id?: number;
  topic?: string;
  number?: number;
  schemas?: number;
  user?: string;
  role?: string;
  epoch?: number;
  code?: string;
  message?: string;
}

/** The socket to the gateway, which comes back when it is lost, and the store that its frames go to. */
export class Connection implements Subscriptions {
  readonly store = new Store(this);
  state: LinkState = 'connecting';
  /** What is wrong, for people; empty when nothing is. */
  trouble = '';
  user = '';
  role = '';
  /** Frames received on this socket. */
  frames = 0;
  /** Microseconds since the Unix epoch by the gateway's clock, of the newest frame. */
  sentTime = 0;
  /** Messages that could not be read since the page was opened. */
  unreadable = 0;
  reconnects = 0;
  /** Milliseconds by which the gateway's clock is ahead of this browser's, at least: the smallest difference seen. */
  clockAhead = Number.NEGATIVE_INFINITY;
  /** Called when the state has changed. */
  onState: () => void = () => {};
  /** Called when rows came. */
  onRows: () => void = () => {};
  private readonly url: string;
  private readonly ticket: TicketSource;
  private readonly frame = new FrameReader();
  private readonly asked = new Map<number, Channel>();
  /** Answers that are followed: who hears of them, and behind how many events. */
  private readonly answers = new Map<string, { after: number; hear: (news: AnswerNews) => void }>();
  private socket: WebSocket | undefined;
  private attempt = 0;
  private nextId = 1;
  private acknowledged = 0;
  private shown = 0;
  private ackAt = 0;
  private hidden = false;
  /** Hello was said on this socket: what is asked behind it is answered behind its answer, which need not be waited for. */
  private hasSpoken = false;

  constructor(url: string, ticket: TicketSource) {
    this.url = url;
    this.ticket = ticket;
  }

  /** Opens the socket, and asks meanwhile by what ticket it may speak: each takes its time. */
  async connect(): Promise<void> {
    this.setState('connecting', '');
    this.socket?.close();
    const socket = earlySocket() ?? new WebSocket(this.url, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.frames = 0;
    this.shown = 0;
    this.acknowledged = 0;
    this.hasSpoken = false;
    const opened = new Promise<void>((resolve) => {
      if (socket.readyState === WebSocket.OPEN) resolve();
      else socket.onopen = () => resolve();
    });
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.hear(data);
      else this.takeFrame(data as ArrayBuffer);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.hasSpoken = false;
      this.store.lose();
      if (code === 4001) this.setState('sign in', 'signed out: SET <GO>');
      else this.retry(`the connection was closed (${code}${reason === '' ? '' : `, ${reason}`})`);
    };
    try {
      const ticket = await this.ticket();
      if (this.socket !== socket) return;
      if (ticket === undefined) {
        this.drop(socket);
        this.setState('sign in', 'sign in: SET <GO>');
        return;
      }
      await opened;
      this.say({ type: 'hello', ...ticket });
      this.hasSpoken = true;
      for (const channel of this.store.channels.values()) this.subscribe(channel);
    } catch (error) {
      if (this.socket !== socket) return;
      this.drop(socket);
      this.retry(`no connection: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** After a paint: what was received until now has been shown. */
  painted(now: number): void {
    this.shown = this.frames;
    const outstanding = this.shown - this.acknowledged;
    if (outstanding === 0 || (outstanding < ACK_FRAMES && now - this.ackAt < ACK_MS)) return;
    this.ackAt = now;
    this.acknowledged = this.shown;
    this.say({ type: 'ack', frames: this.shown });
  }

  /** A hidden tab is sent a row a second, if that. */
  setHidden(hidden: boolean): void {
    this.hidden = hidden;
    if (!this.hasSpoken) return;
    for (const { topic } of this.store.channels.values()) {
      this.say({ type: 'rate', id: this.nextId++, topic: topic.name, hz: hidden ? 1 : topic.hz });
    }
  }

  subscribe(channel: Channel): void {
    if (!this.hasSpoken) return;
    const { topic, seq, epoch } = channel;
    const id = this.nextId++;
    this.asked.set(id, channel);
    const from = topic.events && epoch !== 0 ? { from: { epoch, seq } } : {};
    this.say({ type: 'subscribe', id, topic: topic.name, hz: this.hidden ? 1 : topic.hz, ...from });
  }

  unsubscribe(channel: Channel): void {
    if (this.hasSpoken) this.say({ type: 'unsubscribe', id: this.nextId++, topic: channel.topic.name });
  }

  resync(channel: Channel): void {
    this.say({ type: 'resync', id: this.nextId++, topic: channel.topic.name });
  }

  /** Hears what comes of an answer, also over a connection that is lost and comes back, until the function that it gives back is called. */
  followAnswer(answer: string, hear: (news: AnswerNews) => void): () => void {
    this.answers.set(answer, { after: 0, hear });
    if (this.state === 'live') this.say({ type: 'follow', id: this.nextId++, answer, after: 0 });
    return () => {
      if (this.answers.delete(answer) && this.state === 'live') this.say({ type: 'leave', id: this.nextId++, answer });
    };
  }

  private takeFrame(message: ArrayBuffer): void {
    // Of another version: rows would be read as what they are not.
    if (this.state !== 'live') return;
    this.frames++;
    const problem = this.frame.open(message);
    if (problem !== undefined) {
      this.unreadable++;
      this.trouble = problem;
      this.onState();
      return;
    }
    this.sentTime = this.frame.sentTime;
    const ahead = this.frame.sentTime / 1000 - Date.now();
    if (ahead > this.clockAhead) this.clockAhead = ahead;
    this.store.take(this.frame, performance.now());
    this.onRows();
  }

  private hear(text: string): void {
    let control: Control;
    try {
      control = JSON.parse(text) as Control;
    } catch {
      this.unreadable++;
      return;
    }
    const channel = control.id === undefined ? undefined : this.asked.get(control.id);
    if (control.type === 'hello') this.greeted(control);
    else if (control.type === 'subscribed' && control.topic !== undefined && control.number !== undefined) {
      this.asked.delete(control.id ?? 0);
      this.store.number(control.topic, control.number);
    } else if (control.type === 'answer' && control.answer !== undefined && control.next !== undefined) {
      const { answer, next, events = [] } = control;
      const followed = this.answers.get(answer);
      if (followed === undefined) return;
      if (next !== null) followed.after = next;
      followed.hear({ answer, next, events });
    } else if (control.type === 'error') {
      this.asked.delete(control.id ?? 0);
      const problem = control.message ?? control.code ?? 'the gateway refused it';
      if (channel === undefined) this.trouble = problem;
      else channel.problem = problem;
      this.onState();
    }
  }

  private greeted({ schemas, user, role }: Control): void {
    if (schemas !== SCHEMA_FINGERPRINT) {
      // Once: a page that was cached from another version gets the new one.
      if (sessionStorage.getItem('reloaded') !== String(schemas)) {
        sessionStorage.setItem('reloaded', String(schemas));
        location.reload();
      }
      if (this.socket !== undefined) this.drop(this.socket);
      this.setState('other version', 'the engine is of another version than this page: reload it, or build it anew');
      return;
    }
    this.attempt = 0;
    this.user = user ?? '';
    this.role = role ?? '';
    this.setState('live', '');
    for (const [answer, { after }] of this.answers) this.say({ type: 'follow', id: this.nextId++, answer, after });
  }

  /** Closes a socket that nobody can speak on. */
  private drop(socket: WebSocket): void {
    this.socket = undefined;
    this.hasSpoken = false;
    socket.close();
  }

  private retry(why: string): void {
    this.reconnects++;
    const wait = backoff(this.attempt++, Math.random());
    this.setState('lost', `${why}; again in ${(wait / 1000).toFixed(1)} s`);
    setTimeout(() => void this.connect(), wait);
  }

  private setState(state: LinkState, trouble: string): void {
    this.state = state;
    this.trouble = trouble;
    this.onState();
  }

  private say(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
