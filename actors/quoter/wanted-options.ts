import { PullReason } from '../../engine/market/orders/codes.js';
import { QuoteLimit, QuoteModelCode } from '../../engine/market/quoting/codes.js';
import { OptionQuote } from '../../engine/market/quoting/option-quote.js';
import { QuoteOutput } from '../../engine/market/quoting/quote-cells.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { QuoteInputs } from './quote-inputs.js';
import { Pot, Row } from './quote-rows.js';
import type { QuoteWriter } from './quote-writer.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import { QuotingConditions } from './quoting-conditions.js';
import { isSame } from './same-number.js';

/** Both sides are paused. */
const BOTH_PAUSED = 3;

/** The quotes that are wanted of options, told where they have changed. */
export class WantedOptions {
  readonly conditions: QuotingConditions;
  readonly inputs: QuoteInputs;
  private readonly memory: QuoterMemory;
  private readonly writer: QuoteWriter;
  private readonly model: OptionQuote;
  private readonly quotesMid: boolean;

  /** @param now `now[0]`, event time */
  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, writer: QuoteWriter, now: Float64Array) {
    const { quoting } = context.config;
    this.memory = memory;
    this.writer = writer;
    this.model = new OptionQuote(quoting);
    this.conditions = new QuotingConditions(context, memory, now);
    this.inputs = new QuoteInputs(context, memory, now, this.model.input);
    this.quotesMid = quoting.model === QuoteModelCode.MID_SKEW;
  }

  /** Makes an option's quote again, and tells it where it has changed. @param pause why nothing is quoted at all; NONE while that is not so */
  consider(id: number, pause: number): void {
    const { memory, model } = this;
    const { rows } = memory;
    const row = id * Row.SIZE;
    const reason = pause === PullReason.NONE ? this.conditions.reasonAgainst(id) : pause;
    if (reason !== PullReason.NONE) {
      this.withdraw(id, reason);
      return;
    }
    this.inputs.gather(id);
    const underlying = memory.underlyings.of(id);
    const paused = memory.pausedSides(id);
    if (!model.make(memory.shelf.ticks(id), memory.pots[underlying * Pot.SIZE + Pot.REGIME]!, paused)) {
      this.withdraw(id, this.isWithoutMarket(row) ? PullReason.STALE_MARKET : PullReason.NO_THEO);
      return;
    }
    const { output } = model;
    const nothing = output[QuoteOutput.BID_AMOUNT] === 0 && output[QuoteOutput.ASK_AMOUNT] === 0;
    const why = !nothing ? PullReason.NONE : paused === BOTH_PAUSED ? PullReason.OPERATOR : PullReason.LIMIT;
    const isAsBefore =
      isSame(output[QuoteOutput.BID]!, rows[row + Row.BID]!) &&
      isSame(output[QuoteOutput.ASK]!, rows[row + Row.ASK]!) &&
      output[QuoteOutput.BID_AMOUNT] === rows[row + Row.BID_AMOUNT] &&
      output[QuoteOutput.ASK_AMOUNT] === rows[row + Row.ASK_AMOUNT] &&
      rows[row + Row.REASON] === why;
    rows[row + Row.BOUND] = model.bindingLimit;
    if (isAsBefore) return;
    rows[row + Row.BID] = output[QuoteOutput.BID]!;
    rows[row + Row.ASK] = output[QuoteOutput.ASK]!;
    rows[row + Row.BID_AMOUNT] = output[QuoteOutput.BID_AMOUNT]!;
    rows[row + Row.ASK_AMOUNT] = output[QuoteOutput.ASK_AMOUNT]!;
    rows[row + Row.REASON] = why;
    this.writer.tell(id, underlying + 1, model);
  }

  private isWithoutMarket(row: number): boolean {
    const { rows } = this.memory;
    return this.quotesMid && Number.isNaN(rows[row + Row.MARKET_BID]! + rows[row + Row.MARKET_ASK]!);
  }

  /** No quotes for one option. Told once: dispatch pulls many of them by one request. */
  private withdraw(id: number, reason: number): void {
    const { rows, underlyings } = this.memory;
    const row = id * Row.SIZE;
    rows[row + Row.BOUND] = QuoteLimit.NONE;
    const isQuoted = rows[row + Row.BID_AMOUNT] !== 0 || rows[row + Row.ASK_AMOUNT] !== 0;
    if (!isQuoted && rows[row + Row.REASON] === reason) return;
    rows[row + Row.BID] = Number.NaN;
    rows[row + Row.ASK] = Number.NaN;
    rows[row + Row.BID_AMOUNT] = 0;
    rows[row + Row.ASK_AMOUNT] = 0;
    rows[row + Row.REASON] = reason;
    this.writer.tell(id, underlyings.of(id) + 1, this.model);
  }
}
