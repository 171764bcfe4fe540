import type { IoContext } from '../../../engine/runtime/actor/definition.js';
import type { EventClock } from '../../../engine/runtime/clock/event-clock.js';
import { HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { Connection } from '../../session/connection.js';
import type { FrameDecoder } from '../wire/frame-decoder.js';
import { FrameMemory } from '../wire/frame-memory.js';
import { Refusal, type RefusalCode } from '../wire/reference.js';
import { FeedCount, FIRST_REFUSAL } from './feed-counters.js';
import type { MarketEntry } from './market-entry.js';

export interface IntakeOptions {
  context: IoContext<unknown>;
  entry: MarketEntry;
  decoder: FrameDecoder;
  /** The time that records are received at. */
  clock: EventClock;
  /** A record of this type was taken, and still stands in the entry's slot. */
  taken(type: number): void;
  /** A frame was for the session. */
  control(connection: number, message: unknown): void;
  /** A frame was refused. */
  refused(reason: RefusalCode): void;
  /** Keeps a record of this type and length that stands in the entry's slot for later; true when it does. */
  withhold?(connection: number, type: number, length: number): boolean;
  /** What frames come from: not read while the ring is full. */
  connections(): readonly Connection[];
}

const MOST_FRAME_BYTES = 4 << 20;
const ROOM_AGAIN_MS = 2;
/** Milliseconds between two log lines about refused frames of the same kind. */
const EXPLAIN_EVERY_MS = 10_000;

const refusalNames = Object.keys(Refusal).map((name) => name.toLowerCase().replaceAll('_', ' '));

/** The way of a frame from a socket into the engine: decoded, judged, published; or refused, counted and explained. */
export class FrameIntake {
  readonly #options: IntakeOptions;
  readonly #memory = new FrameMemory(MOST_FRAME_BYTES);
  /** Frames that were read before the socket stopped; no more than its buffer held. */
  readonly #held: { connection: number; data: Buffer }[] = [];
  readonly #explainedMs: number[] = [];
  #pauses = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  frame(connection: number, memory: FrameMemory, start: number, end: number): void {
    const { entry } = this.#options;
    if (this.#held.length === 0 && entry.hasRoom()) {
      this.#take(connection, memory, start, end);
      return;
    }
    this.#held.push({ connection, data: Buffer.from(memory.bytes.subarray(start, end)) });
    if (this.#held.length > 1) return;
    this.#pauses++;
    for (const each of this.#options.connections()) each.pause();
    setTimeout(this.#drain, ROOM_AGAIN_MS);
  }

  /** Takes what was held back as far as there is room; then sockets are read again. */
  readonly #drain = (): void => {
    while (this.#held.length > 0) {
      if (!this.#options.entry.hasRoom()) {
        setTimeout(this.#drain, ROOM_AGAIN_MS);
        return;
      }
      const { connection, data } = this.#held.shift()!;
      // Sockets bring no longer ones.
      this.#take(connection, this.#memory, 0, this.#memory.load(data));
    }
    for (const each of this.#options.connections()) each.resume();
  };

  /** Puts the decoder's counters where a screen can see them. */
  report(cells: Float64Array): void {
    const { scanned, parsed, learnt, control, refused } = this.#options.decoder.counters;
    cells[FeedCount.scanned] = scanned;
    cells[FeedCount.parsed] = parsed;
    cells[FeedCount.learnt] = learnt;
    cells[FeedCount.control] = control;
    for (let reason = 0; reason < refused.length; reason++) cells[FIRST_REFUSAL + reason] = refused[reason]!;
    cells[FeedCount.paused] = this.#pauses;
  }

  #take(connection: number, memory: FrameMemory, start: number, end: number): void {
    const { context, entry, decoder, clock } = this.#options;
    context.clock.tick();
    const ingress = context.clock.now[0]!;
    clock.tick();
    const length =
      end - start > MOST_FRAME_BYTES
        ? decoder.refuse(Refusal.TOO_LONG, `a frame of ${end - start} bytes; the most is ${MOST_FRAME_BYTES}`)
        : decoder.decode(memory, start, end, entry.slot, 0, entry.limit);
    if (length > 0) {
      const type = entry.slot.getUint16(HeaderOffset.TYPE, true);
      if (this.#options.withhold?.(connection, type, length) === true) return;
      entry.take(connection, length);
      context.publish(ingress);
      this.#options.taken(type);
    } else if (length === 0) this.#options.control(connection, decoder.control);
    else this.#refused(connection, (-1 - length) as RefusalCode, ingress / 1e6);
  }

  #refused(connection: number, reason: RefusalCode, nowMs: number): void {
    const { context, decoder } = this.#options;
    if (!(nowMs - this.#explainedMs[reason]! < EXPLAIN_EVERY_MS)) {
      this.#explainedMs[reason] = nowMs;
      const text = decoder.explanation.slice(0, 300);
      context.log('warn', `connection ${connection}: a frame was refused (${refusalNames[reason]}): ${text}`);
    }
    this.#options.refused(reason);
  }
}
