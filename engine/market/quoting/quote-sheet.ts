import { QuoteLimit, QuoteModelCode } from './codes.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { quoteNumbers } from './quote-setting.js';
import type { QuotingSettings } from './settings.js';

/** What the steps of a quote hand on to each other, in `QuoteSheet.work`; price units, where nothing else is said. */
export const Work = {
  /** How much the vol of this expiry moves when the 30-day vol does. */
  WEIGHT: 0,
  /** Lots of a side before limits. */
  LOTS: 1,
  /** The theoretical value with everything that shifts both sides. */
  RESERVATION: 2,
  /** Half width after duty and least edge. */
  HALF: 3,
  /** Tick at the theoretical value. */
  TICK: 4,
  /** Half of the widest quote that the duty counts. */
  WIDEST: 5,
  /** Least distance from the reservation price that is wanted, and the least that the duty is met with. */
  LEAST: 6,
  FLOOR: 7,
  /** Whether the duty covers the option, 1 or 0. */
  DUTY: 8,
  /** Least distance from the theoretical value on the side that unwinds an inventory. */
  COST: 9,
  SIZE: 10,
} as const;

/** What one quote is worked out on, step by step: what is known, what is wanted of it and why, and the settings as numbers. */
export class QuoteSheet {
  readonly input = new Float64Array(QuoteInput.SIZE);
  readonly output = new Float64Array(QuoteOutput.SIZE);
  readonly work = new Float64Array(Work.SIZE);
  /** Bid and offer on their way to the ticks. */
  readonly pair = new Float64Array(2);
  readonly numbers: Float64Array;
  readonly model: number;
  /** Whether the options model makes the quote: the baselines are neither widened nor skewed nor led by others. */
  readonly isOptions: boolean;
  /** QuoteLimit that bound the price, and the amount. */
  bindingLimit: number = QuoteLimit.NONE;
  sizeLimit: number = QuoteLimit.NONE;

  constructor(settings: QuotingSettings) {
    this.numbers = quoteNumbers(settings);
    this.model = settings.model;
    this.isOptions = settings.model === QuoteModelCode.OPTIONS;
  }

  begin(): void {
    this.bindingLimit = QuoteLimit.NONE;
    this.sizeLimit = QuoteLimit.NONE;
    this.output[QuoteOutput.BINDING_VALUE] = 0;
  }
}
