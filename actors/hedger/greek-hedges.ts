import { GreekBook, GreekOption, GreekRule } from '../../engine/market/hedging/greek-rule.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { Side } from '../../engine/market/orders/codes.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { BookTop } from '../../schemas/generated/book-top.js';
import type { OrderUpdate } from '../../schemas/generated/order-update.js';
import { BookState } from '../book/book.js';
import { LEAST_LIFE_MICROS, TOP_AGE_MICROS } from './cheapest-hedge.js';
import { Pot, Row } from './hedge-rows.js';
import type { HedgeWriter } from './hedge-writer.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';

/** Greatest fee of an option as a part of its price. */
const FEE_CAP = 0.125;
/** The gamma's band is told for a move of one percent. */
const PERCENT = 0.01;

/** Options of others that are taken where vega or gamma is out of its band. */
export class GreekHedges {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly writer: HedgeWriter;
  private readonly rule: GreekRule;

  constructor(context: CoreContext<HedgerConfig>, memory: HedgerMemory, writer: HedgeWriter) {
    this.context = context;
    this.memory = memory;
    this.writer = writer;
    this.rule = new GreekRule(context.config.hedging);
  }

  /** Whether either Greek is hedged at all. */
  get isUsed(): boolean {
    return this.rule.isUsed;
  }

  /** What others bid and offer for an option. */
  noteOffer(id: number, top: BookTop): void {
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.BID] = isLive ? top.bidPrice() : Number.NaN;
    rows[row + Row.ASK] = isLive ? top.askPrice() : Number.NaN;
    rows[row + Row.BID_AMOUNT] = top.bidAmount();
    rows[row + Row.ASK_AMOUNT] = top.askAmount();
    rows[row + Row.TOP_TIME] = this.context.event.time;
  }

  /** Our own quote of an option: a hedge that met it would be refused. */
  noteQuote(id: number, update: OrderUpdate): void {
    const place = id * Row.SIZE + (update.side() === Side.BUY ? Row.OWN_BID : Row.OWN_ASK);
    this.memory.rows[place] = isFinished(update.status()) ? 0 : update.wantedPrice();
  }

  /** Takes one option at a time, and the next when it is known what came of it. */
  consider(underlying: number): void {
    const { memory, rule, writer } = this;
    const { pots, underlyings, shelf } = memory;
    const { time } = this.context.event;
    const at = underlying * Pot.SIZE;
    const before = pots[at + Pot.OPTION]! - 1;
    if (before >= 0) {
      pots[at + Pot.OPTION] = 0;
      writer.tellNone(underlying, before);
    }
    // What is to be closed is not hedged with more of the same.
    if (memory.isBlind(underlying) || pots[at + Pot.CLOSING] === 1) return;
    const pauseMicros = this.context.config.hedging.optionEverySeconds * 1e6;
    if (pots[at + Pot.KNOWN] !== 1 || time - pots[at + Pot.OPTION_TIME]! < pauseMicros) return;
    const index = pots[at + Pot.INDEX]!;
    rule.book[GreekBook.VEGA] = pots[at + Pot.VEGA]!;
    rule.book[GreekBook.GAMMA] = pots[at + Pot.GAMMA]! * index * index * PERCENT;
    if (!rule.begin()) return;
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (shelf.kind(id) !== InstrumentKind.OPTION || underlyings.of(id) !== underlying) continue;
      if (this.gather(id)) rule.weigh(id);
    }
    if (rule.chosen < 0) return;
    pots[at + Pot.OPTION] = rule.chosen + 1;
    pots[at + Pot.OPTION_TIME] = time;
    writer.tellGreek(underlying, rule);
  }

  /** Puts what is known of an option before the rule; false where it is not fit to be a hedge. */
  private gather(id: number): boolean {
    const { rows, shelf } = this.memory;
    const { option } = this.rule;
    const { time } = this.context.event;
    const row = id * Row.SIZE;
    if (!this.memory.isOpen(id) || rows[row + Row.UNUSABLE] !== 0 || !(rows[row + Row.THEO]! > 0)) return false;
    if (time - rows[row + Row.TOP_TIME]! > TOP_AGE_MICROS || shelf.expiry(id) - time < LEAST_LIFE_MICROS) return false;
    const forward = rows[row + Row.FORWARD]!;
    const money = shelf.isInverse(id) ? forward : 1;
    const fee = (rows[row + Row.TAKER_FEE]! * forward) / money;
    const cap = FEE_CAP * rows[row + Row.THEO]!;
    option[GreekOption.PLAIN_VEGA] = rows[row + Row.VEGA]! * forward;
    option[GreekOption.VEGA] = option[GreekOption.PLAIN_VEGA]! * rows[row + Row.WEIGHT]!;
    option[GreekOption.GAMMA] = rows[row + Row.GAMMA]! * forward * forward * PERCENT;
    option[GreekOption.THEO] = rows[row + Row.THEO]!;
    option[GreekOption.BID] = rows[row + Row.BID]!;
    option[GreekOption.BID_AMOUNT] = rows[row + Row.BID_AMOUNT]!;
    option[GreekOption.ASK] = rows[row + Row.ASK]!;
    option[GreekOption.ASK_AMOUNT] = rows[row + Row.ASK_AMOUNT]!;
    option[GreekOption.FEE] = fee < cap ? fee : cap;
    option[GreekOption.MONEY] = money;
    option[GreekOption.LOT] = shelf.minimum(id);
    option[GreekOption.OWN_BID] = rows[row + Row.OWN_BID]!;
    option[GreekOption.OWN_ASK] = rows[row + Row.OWN_ASK]!;
    return true;
  }
}
