import { Reason, type ReasonCode } from '../../../engine/market/quality/reason.js';
import { HEADER_BYTES, recordStep } from '../../../engine/runtime/edge/record.js';
import { FeedOutage } from '../../../schemas/generated/feed-outage.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ChannelKind } from '../session/channel-watch.js';
import type { EntryWriter } from './entry-writer.js';
import { FeedCount } from './feed-counters.js';
import { type Outage, OutagePhase } from './outage.js';

export const EVERY_INSTRUMENT = 0xffffffff;
export const OUTAGE_STEP = recordStep(HEADER_BYTES + FeedOutage.sizeOf());

/** Outages of the connection and of books: each is a record when it begins and when it ends, written as soon as there is room. */
export class Outages {
  readonly #writer: EntryWriter;
  readonly #cells: Float64Array;
  readonly #record = new FeedOutage();
  /** Of books, by instrument: those that have begun and not ended. */
  readonly #open: (Outage | undefined)[] = [];
  #disconnected: Outage | undefined;
  /** What could not be written when it was due. */
  readonly #owed: Outage[] = [];

  /** @param cells the feed's counters */
  constructor(writer: EntryWriter, cells: Float64Array) {
    this.#writer = writer;
    this.#cells = cells;
  }

  /** Writes what is owed; whether nothing is left of it. */
  writeOwed(): boolean {
    const { out } = this.#writer;
    while (this.#owed.length > 0 && out.hasRoom(OUTAGE_STEP)) this.#write(this.#owed.shift()!);
    return this.#owed.length === 0;
  }

  /** No connection is left. */
  disconnected(since: number): void {
    if (this.#disconnected !== undefined) return;
    this.#disconnected = outageOf(EVERY_INSTRUMENT, Reason.DISCONNECTED, ChannelKind.CONNECTION, since);
    this.begin(this.#disconnected);
  }

  /** A connection is there again. */
  connected(): void {
    if (this.#disconnected !== undefined) this.end(this.#disconnected);
    this.#disconnected = undefined;
  }

  /** A book is of no use from now on. @param expected ids of its chain, and what was found */
  bookBroken(instrument: number, reason: ReasonCode, since: number, expected = Number.NaN, found = Number.NaN): void {
    const outage = outageOf(instrument, reason, ChannelKind.BOOK, since, expected, found);
    this.#open[instrument] = outage;
    this.begin(outage);
  }

  /** A book is whole again, or nobody's concern. */
  bookEnded(instrument: number): void {
    const open = this.#open[instrument];
    if (open !== undefined) this.end(open);
    this.#open[instrument] = undefined;
  }

  /** A book is followed no more: no outage of the feed, and without an end. */
  unfollowed(instrument: number, since: number): void {
    this.#owe(outageOf(instrument, Reason.UNFOLLOWED, ChannelKind.BOOK, since));
  }

  /** A channel has been silent for longer than it should; returns what ends it. */
  frozen(kind: ChannelKind, instrument: number, since: number): Outage {
    const outage = outageOf(instrument, Reason.FROZEN, kind, since);
    this.begin(outage);
    return outage;
  }

  begin(outage: Outage): void {
    this.#cells[FeedCount.outages]!++;
    this.#cells[FeedCount.outagesOpen]!++;
    this.#owe(outage);
  }

  end(outage: Outage): void {
    this.#cells[FeedCount.outagesOpen]!--;
    this.#owe({ ...outage, phase: OutagePhase.ENDS });
  }

  /** Written now where there is room, else before anything else is. */
  #owe(outage: Outage): void {
    const { out } = this.#writer;
    if (this.#owed.length > 0 || !out.hasRoom(OUTAGE_STEP)) this.#owed.push(outage);
    else this.#write(outage);
  }

  #write({ instrument, reason, phase, channel, since, expected, found }: Outage): void {
    const { out } = this.#writer;
    const offset = this.#writer.claim(MessageType.FEED_OUTAGE, FeedOutage.sizeOf());
    const record = this.#record.__init(offset + HEADER_BYTES, out.buffer);
    record.mutate_instrument(instrument);
    record.mutate_reason(reason);
    record.mutate_phase(phase);
    record.mutate_channel(channel);
    record.mutate_since(since);
    record.mutate_expectedId(expected);
    record.mutate_foundId(found);
  }
}

function outageOf(
  instrument: number,
  reason: ReasonCode,
  channel: ChannelKind,
  since: number,
  expected = Number.NaN,
  found = Number.NaN,
): Outage {
  return { instrument, reason, phase: OutagePhase.BEGINS, channel, since, expected, found };
}
