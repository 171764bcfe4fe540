import { Contract, isInverse, isOption } from '../../engine/market/portfolio/contract.js';
import { UNIT_DELTA, UNIT_GAMMA, UNIT_SHORT, UNIT_VEGA } from '../../engine/market/risk/resting-book.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { SECONDARIES, SECONDARY } from '../../engine/market/risk/secondary-exposure.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { Quote } from '../../schemas/generated/quote.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BASE, BASE_FIELDS, type RiskMemory } from './risk-memory.js';

const THEO_BYTES = Theo.sizeOf();
const THEO = {
  FLAGS: fieldOffset(Theo, 'flags'),
  PRICE: fieldOffset(Theo, 'price'),
  VOLATILITY: fieldOffset(Theo, 'volatility'),
  DELTA: fieldOffset(Theo, 'delta'),
  VEGA: fieldOffset(Theo, 'vega'),
  THETA: fieldOffset(Theo, 'theta'),
  VANNA: fieldOffset(Theo, 'vanna'),
  VOLGA: fieldOffset(Theo, 'volga'),
  GAMMA: fieldOffset(Theo, 'gamma'),
};

/** What the market says of each instrument and underlying: books, marks, bands, theoretical values, the last word of the underlying. */
export class MarketFacts {
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  /** [index, mark] that was told last. */
  private readonly seen = new Float64Array(2);
  private readonly sent = new Float64Array(1);
  private readonly ticker = new Ticker();
  private readonly top = new BookTop();
  private readonly quote = new Quote();
  private readonly run = new TheoRun();

  constructor(memory: RiskMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
  }

  onTheos(buffer: ViewBuffer, body: number): void {
    const { memory, run } = this;
    const { table, resting } = memory;
    const { view } = buffer;
    run.__init(body, buffer);
    const forward = run.forward();
    const { unit } = resting;
    const secondary = memory.secondary.units;
    let at = body + TheoRun.sizeOf();
    for (let left = run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= table.capacity || table.contracts[id] === Contract.NONE) continue;
      const row = id * FACT_FIELDS;
      table.facts[row + FACT.THEO] = view.getFloat64(at + THEO.PRICE, true);
      table.facts[row + FACT.VEGA] = view.getFloat64(at + THEO.VEGA, true);
      table.facts[row + FACT.VOLATILITY] = view.getFloat64(at + THEO.VOLATILITY, true);
      table.theoFlags[id] = view.getUint16(at + THEO.FLAGS, true);
      unit[UNIT_DELTA] = view.getFloat64(at + THEO.DELTA, true);
      unit[UNIT_VEGA] = view.getFloat64(at + THEO.VEGA, true);
      unit[UNIT_GAMMA] = view.getFloat64(at + THEO.GAMMA, true);
      unit[UNIT_SHORT] = 1;
      resting.reprice(id);
      const more = id * SECONDARIES;
      secondary[more + SECONDARY.THETA] = view.getFloat64(at + THEO.THETA, true);
      secondary[more + SECONDARY.VANNA] = view.getFloat64(at + THEO.VANNA, true);
      secondary[more + SECONDARY.VOLGA] = view.getFloat64(at + THEO.VOLGA, true);
      const place = memory.places.of(id);
      if (place >= 0) memory.ofExpiry[place * BASE_FIELDS + BASE.FORWARD] = forward;
    }
  }

  onTop(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const top = this.top.__init(body, buffer);
    const id = top.instrument();
    if (id >= table.capacity) return;
    table.books[id] = top.state();
    table.facts[id * FACT_FIELDS + FACT.BID] = top.bidPrice();
    table.facts[id * FACT_FIELDS + FACT.ASK] = top.askPrice();
  }

  onTicker(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const ticker = this.ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= table.capacity || table.contracts[id] === Contract.NONE) return;
    const row = id * FACT_FIELDS;
    table.facts[row + FACT.MARK] = ticker.markPrice();
    table.facts[row + FACT.MIN_PRICE] = ticker.minPrice();
    table.facts[row + FACT.MAX_PRICE] = ticker.maxPrice();
    table.facts[row + FACT.OPEN_INTEREST] = ticker.openInterest() > 0 ? ticker.openInterest() : 0;
    this.hearClock(buffer, body);
    this.seen[0] = ticker.indexPrice();
    this.seen[1] = ticker.markPrice();
    this.hearOf(id);
  }

  /** A feed of best prices alone tells mark and index too. */
  onQuote(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const quote = this.quote.__init(body, buffer);
    const id = quote.instrument();
    if (id >= table.capacity || table.contracts[id] === Contract.NONE) return;
    table.facts[id * FACT_FIELDS + FACT.MARK] = quote.markPrice() > 0 ? quote.markPrice() : Number.NaN;
    this.hearClock(buffer, body);
    this.seen[0] = quote.indexPrice();
    this.seen[1] = quote.markPrice();
    this.hearOf(id);
  }

  /** The venue's time in the header of the record whose body this is. */
  private hearClock(buffer: ViewBuffer, body: number): void {
    this.sent[0] = buffer.view.getFloat64(body - HEADER_BYTES + HeaderOffset.EXCHANGE_TIME, true);
    this.memory.clock.hear(this.sent, this.now);
  }

  /** The underlying is alive; a future's delta follows its mark. Index and mark stand in `seen`. */
  private hearOf(id: number): void {
    const { memory, seen } = this;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= memory.config.underlyings) return;
    const base = underlying * BASE_FIELDS;
    if (seen[0]! > 0) {
      memory.ofUnderlying[base + BASE.INDEX] = seen[0]!;
      memory.ofUnderlying[base + BASE.HEARD] = this.now[0]!;
    }
    memory.margins.value(id, memory.ofUnderlying, base + BASE.INDEX);
    const contract = memory.table.contracts[id]!;
    if (isOption(contract) || !(seen[1]! > 0)) return;
    if (memory.table.facts[id * FACT_FIELDS + FACT.PERPETUAL] === 1) {
      memory.ofUnderlying[base + BASE.PERPETUAL] = seen[1]!;
    }
    const { unit } = memory.resting;
    unit[UNIT_DELTA] = isInverse(contract) ? 1 / seen[1]! : 1;
    unit[UNIT_VEGA] = 0;
    unit[UNIT_GAMMA] = 0;
    unit[UNIT_SHORT] = 0;
    memory.resting.reprice(id);
  }
}
