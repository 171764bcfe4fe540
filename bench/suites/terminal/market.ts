import type { Arena } from '../../../engine/runtime/arena/arena.js';
import { createLatest } from '../../../engine/runtime/edge/create-latest.js';
import { LatestWriter } from '../../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { GatewayDesk } from '../../../gateway/testing/gateway-desk.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { InstrumentRow } from '../../../schemas/generated/instrument-row.js';
import { MessageType } from '../../../schemas/message-type.js';

export const OPTIONS = 500;
const STRIKES = 50;
/** First expiry, far enough for every run, and the distance of expiries; microseconds since the Unix epoch. */
const FIRST_EXPIRY = Date.UTC(2050, 5, 24, 8) * 1000;
const WEEK = 7 * 86_400e6;
const CALL = 2;
const PUT = 4;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const MOST_NAME_BYTES = 128;

function nameOf(expiry: number, strike: number, right: 'C' | 'P'): string {
  const date = new Date(expiry / 1000);
  return `BTC-${date.getUTCDate()}${MONTHS[date.getUTCMonth()]}${String(date.getUTCFullYear()).slice(2)}-${strike}-${right}`;
}

/** The edge of the instruments, with so many options of one underlying. */
export function instrumentsShown(): Arena {
  const arena = createLatest({
    name: 'instruments-shown',
    keys: OPTIONS,
    maxBodyBytes: InstrumentRow.sizeOf() + MOST_NAME_BYTES,
    engineRun: 1,
  });
  const writer = new LatestWriter(arena);
  const row = new InstrumentRow();
  for (let option = 0; option < OPTIONS; option++) {
    const expiry = FIRST_EXPIRY + Math.floor(option / STRIKES) * WEEK;
    const strike = 50_000 + 2000 * Math.floor((option % STRIKES) / 2);
    const isCall = option % 2 === 0;
    const text = Buffer.from(`${nameOf(expiry, strike, isCall ? 'C' : 'P')}\tBTC\tBTC\tBTC\tUSD\tbtc_usd`);
    const at = writer.claim(option, MessageType.INSTRUMENT_ROW, InstrumentRow.sizeOf() + text.length);
    row.__init(at + HEADER_BYTES, writer.buffer);
    row.mutate_instrument(option);
    row.mutate_underlying(0);
    row.mutate_kind(1);
    row.mutate_state(2);
    row.mutate_flags(1 | (isCall ? CALL : PUT));
    row.mutate_strike(strike);
    row.mutate_expiry(expiry);
    row.mutate_tickSize(0.0001);
    writer.buffer.bytes().set(text, at + HEADER_BYTES + InstrumentRow.sizeOf());
    writer.publish(option);
  }
  return arena;
}

/** The edge of own quotes, with one in every option, which stands still. */
export function quotesShown(): Arena {
  const arena = createLatest({
    name: 'quotes-shown',
    keys: OPTIONS,
    maxBodyBytes: DesiredQuote.sizeOf(),
    engineRun: 1,
  });
  const writer = new LatestWriter(arena);
  const row = new DesiredQuote();
  for (let option = 0; option < OPTIONS; option++) {
    const at = writer.claim(option, MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf());
    row.__init(at + HEADER_BYTES, writer.buffer);
    const theo = 0.05 + 0.02 * Math.sin(option);
    row.mutate_instrument(option);
    row.mutate_theo(theo);
    row.mutate_bidPrice(theo - 0.001);
    row.mutate_askPrice(theo + 0.001);
    row.mutate_bidAmount(1 + (option % 9));
    row.mutate_askAmount(1 + (option % 7));
    writer.publish(option);
  }
  return arena;
}

/** A market that is written at a pace, one option after the other, with numbers that follow from their count alone. */
export class PacedMarket {
  private readonly writer: LatestWriter;
  private readonly row = new BookTop();
  private timer: NodeJS.Timeout | undefined;
  private written = 0;

  constructor(desk: GatewayDesk) {
    this.writer = desk.tops;
  }

  /** Writes every option once. */
  fill(): void {
    for (let option = 0; option < OPTIONS; option++) this.write(option);
  }

  /** So many rows a second until `stop`; 0 for none. */
  start(rowsPerSecond: number): void {
    this.stop();
    const began = performance.now();
    const first = this.written;
    this.timer = setInterval(() => {
      const due = first + ((performance.now() - began) * rowsPerSecond) / 1000;
      while (this.written < due) this.write((this.written * 7) % OPTIONS);
    }, 4);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private write(option: number): void {
    const { writer, row } = this;
    const step = ++this.written;
    const at = writer.claim(option, MessageType.BOOK_TOP, BookTop.sizeOf());
    row.__init(at + HEADER_BYTES, writer.buffer);
    const mid = 0.05 + 0.02 * Math.sin(option) + 0.002 * Math.sin(step / 997);
    row.mutate_instrument(option);
    row.mutate_state(1);
    row.mutate_bidPrice(Math.round(mid * 1e4 - 5) / 1e4);
    row.mutate_askPrice(Math.round(mid * 1e4 + 5) / 1e4);
    row.mutate_bidAmount(1 + (step % 90));
    row.mutate_askAmount(1 + ((step * 3) % 90));
    row.mutate_microprice(mid);
    row.mutate_imbalance(Math.sin(step / 31));
    row.mutate_bidDepth(100 + (step % 37));
    row.mutate_askDepth(100 + (step % 41));
    row.mutate_bidLevels(1 + (step % 10));
    row.mutate_askLevels(1 + ((step + 3) % 10));
    row.mutate_changeId(1e6 + step);
    row.mutate_staleSince(Number.NaN);
    writer.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, Date.now() * 1000, true);
    writer.publish(option);
  }
}
