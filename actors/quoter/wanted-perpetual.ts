import { PullReason } from '../../engine/market/orders/codes.js';
import {
  PerpetualInput,
  PerpetualOutput,
  PerpetualQuote,
  type PerpetualSettings,
  perpetualSettings,
} from '../../engine/market/quoting/perpetual-quote.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { Pot, Row } from './quote-rows.js';
import type { QuoteWriter } from './quote-writer.js';
import type { QuoterMemory } from './quoter-memory.js';
import { isSame } from './same-number.js';

const BID_PAUSED = 1;
const ASK_PAUSED = 2;
const BOTH_PAUSED = 3;

/** The quotes that are wanted of a perpetual: around the mid of others, by the delta of all that is held on its underlying. */
export class WantedPerpetual {
  private readonly memory: QuoterMemory;
  private readonly writer: QuoteWriter;
  private readonly model: PerpetualQuote;

  constructor(settings: Partial<PerpetualSettings>, memory: QuoterMemory, writer: QuoteWriter) {
    this.memory = memory;
    this.writer = writer;
    this.model = new PerpetualQuote(perpetualSettings(settings));
  }

  /** Makes the quote again, and tells it where it has changed. @param pause why nothing is quoted at all; NONE while that is not so */
  consider(id: number, pause: number): void {
    const { memory, writer, model } = this;
    const { rows, shelf } = memory;
    const row = id * Row.SIZE;
    const underlying = memory.underlyings.of(id);
    const paused = memory.pausedSides(id);
    let reason = pause === PullReason.NONE ? this.reasonAgainst(id, underlying, paused) : pause;
    this.gather(id, reason);
    const { output } = model;
    if (reason === PullReason.NONE && !model.make(shelf.ticks(id))) reason = PullReason.STALE_MARKET;
    if (reason !== PullReason.NONE) output.fill(Number.NaN);
    const isShown = reason === PullReason.NONE;
    const bidAmount = isShown && (paused & BID_PAUSED) === 0 ? output[PerpetualOutput.BID_AMOUNT]! : 0;
    const askAmount = isShown && (paused & ASK_PAUSED) === 0 ? output[PerpetualOutput.ASK_AMOUNT]! : 0;
    const isAsBefore =
      isSame(output[PerpetualOutput.BID]!, rows[row + Row.BID]!) &&
      isSame(output[PerpetualOutput.ASK]!, rows[row + Row.ASK]!) &&
      bidAmount === rows[row + Row.BID_AMOUNT] &&
      askAmount === rows[row + Row.ASK_AMOUNT] &&
      reason === rows[row + Row.REASON];
    const wasQuoted = rows[row + Row.BID_AMOUNT]! + rows[row + Row.ASK_AMOUNT]! > 0;
    if (isAsBefore || (!isShown && !wasQuoted)) return;
    rows[row + Row.BID] = output[PerpetualOutput.BID]!;
    rows[row + Row.ASK] = output[PerpetualOutput.ASK]!;
    rows[row + Row.BID_AMOUNT] = bidAmount;
    rows[row + Row.ASK_AMOUNT] = askAmount;
    rows[row + Row.REASON] = reason;
    writer.tellPerpetual(id, underlying + 1, model);
  }

  private reasonAgainst(id: number, underlying: number, paused: number): number {
    const { memory } = this;
    if (paused === BOTH_PAUSED) return PullReason.OPERATOR;
    if (underlying < 0 || !memory.isOpen(id)) return PullReason.NOT_TRADING;
    return (memory.pots[underlying * Pot.SIZE + Pot.FLAGS]! & UNUSABLE) !== 0
      ? PullReason.STALE_MARKET
      : PullReason.NONE;
  }

  /** Puts what is known of the perpetual into the model's input. */
  private gather(id: number, reason: number): void {
    const { rows, pots, shelf, underlyings } = this.memory;
    const { input } = this.model;
    const row = id * Row.SIZE;
    const pot = underlyings.of(id) * Pot.SIZE;
    const isTrading = reason !== PullReason.NOT_TRADING;
    input[PerpetualInput.MID] = (rows[row + Row.MARKET_BID]! + rows[row + Row.MARKET_ASK]!) / 2;
    input[PerpetualInput.VOL] = isTrading ? pots[pot + Pot.USED_VOL]! : 0;
    input[PerpetualInput.HELD] = isTrading ? pots[pot + Pot.NET_DELTA]! : 0;
    input[PerpetualInput.LOT] = shelf.minimum(id);
    input[PerpetualInput.INVERSE] = shelf.isInverse(id) ? 1 : 0;
    input[PerpetualInput.MARKET_BID] = rows[row + Row.MARKET_BID]!;
    input[PerpetualInput.MARKET_ASK] = rows[row + Row.MARKET_ASK]!;
  }
}
