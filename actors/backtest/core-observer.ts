import { InstrumentKind } from '../../engine/market/instrument.js';
import { Liquidity, Side } from '../../engine/market/orders/codes.js';
import type { StreamEdge } from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { ATTRIBUTION_TERMS } from '../../schemas/attribution-terms.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { Fill } from '../../schemas/generated/fill.js';
import { Markout } from '../../schemas/generated/markout.js';
import { Performance } from '../../schemas/generated/performance.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { analytics, approvedOrders, exposures, orderStates } from '../streams.js';
import { OrderDigest } from './order-digest.js';
import { MOST_FILLS, type OutcomeFill, type OutcomeMarkout } from './outcome.js';

/** Whose streams are heard. */
export interface Heard {
  hear(edge: StreamEdge, handler: RecordHandler): void;
}

/** Whether a fill's instrument is hedged with, its name, and USD of one unit of its fee. */
export interface FillNames {
  nameOf(instrument: number): string;
  kindOf(instrument: number): number;
}

interface Greeks {
  delta: number;
  gamma: number;
  vega: number;
  theta: number;
}

interface Underlying {
  attribution: Record<string, number>;
  uptime: number;
  covered: number;
  residualShare: number;
  volumeUsd: number;
  feesUsd: number;
}

const DAYS_A_YEAR = 365;
/** The parts and their sum. */
const TERMS = [...ATTRIBUTION_TERMS, 'total'] as const;

/**
 * Hears what the stages of a core say about its trading, and adds it up: what a backtest's outcome is made of, live, replayed or backtested. Begins to
 * count when it is told to.
 */
export class CoreObserver {
  readonly fills: OutcomeFill[] = [];
  fillCount = 0;
  makerFills = 0;
  hedgeFills = 0;
  orders = 0;
  refusals = 0;
  readonly digest = new OrderDigest();
  readonly #names: FillNames;
  readonly #greeks = new Map<number, Greeks>();
  readonly #underlyings = new Map<number, Underlying>();
  readonly #baseline = new Map<number, Underlying>();
  readonly #markouts = new Map<number, OutcomeMarkout>();
  #isCounting = false;
  readonly #fill = new Fill();
  readonly #exposure = new UnderlyingExposure();
  readonly #profit = new ProfitLoss();
  readonly #attribution = new Attribution();
  readonly #performance = new Performance();
  readonly #markout = new Markout();

  constructor(heard: Heard, names: FillNames, { withAnalytics = true }: { withAnalytics?: boolean } = {}) {
    this.#names = names;
    heard.hear(approvedOrders, this.#onOrder);
    heard.hear(orderStates, this.#onOrderState);
    heard.hear(exposures, this.#onExposure);
    if (withAnalytics) heard.hear(analytics, this.#onAnalytics);
  }

  /** From here on counts: what was before warmed up. */
  begin(): void {
    this.#isCounting = true;
    for (const [number, state] of this.#underlyings) {
      this.#baseline.set(number, { ...state, attribution: { ...state.attribution } });
    }
  }

  /** Greeks of all underlyings now. */
  greeks(): Greeks {
    const sum: Greeks = { delta: 0, gamma: 0, vega: 0, theta: 0 };
    for (const { delta, gamma, vega, theta } of this.#greeks.values()) {
      sum.delta += delta;
      sum.gamma += gamma;
      sum.vega += vega;
      sum.theta += theta;
    }
    return sum;
  }

  /** Terms of the profit since the beginning of counting, USD at the index now. */
  attribution(): Record<string, number> {
    const sum: Record<string, number> = Object.fromEntries(TERMS.map((term) => [term, 0]));
    for (const [number, { attribution }] of this.#underlyings) {
      const before = this.#baseline.get(number)?.attribution ?? {};
      const { index = 0 } = attribution;
      for (const term of TERMS) sum[term]! += ((attribution[term] ?? 0) - (before[term] ?? 0)) * index;
    }
    return sum;
  }

  markouts(): OutcomeMarkout[] {
    return [...this.#markouts.values()]
      .sort((left, right) => left.seconds - right.seconds)
      .map(({ seconds, fills, price, vol }) => ({ seconds, fills, price: price / fills, vol: vol / fills }));
  }

  /** USD paid in fees, and traded, since the beginning of counting. */
  paid(): { feesUsd: number; volumeUsd: number } {
    let feesUsd = 0;
    let volumeUsd = 0;
    for (const [number, state] of this.#underlyings) {
      const before = this.#baseline.get(number);
      feesUsd += state.feesUsd - (before?.feesUsd ?? 0);
      volumeUsd += state.volumeUsd - (before?.volumeUsd ?? 0);
    }
    return { feesUsd, volumeUsd };
  }

  measures(): Record<string, number> {
    const all = [...this.#underlyings.values()];
    const mean = (pick: (of: Underlying) => number): number =>
      all.reduce((sum, one) => sum + pick(one), 0) / Math.max(1, all.length);
    return {
      uptime: mean(({ uptime }) => uptime),
      covered: mean(({ covered }) => covered),
      residualShare: mean(({ residualShare }) => residualShare),
      hedgeFills: this.hedgeFills,
      refusals: this.refusals,
    };
  }

  readonly #onOrder = (type: number, buffer: ViewBuffer, offset: number): void => {
    const { view } = buffer;
    const length = view.getInt32(offset + HeaderOffset.LENGTH, true);
    this.digest.word(type);
    for (let byte = HEADER_BYTES; byte < length; byte += 4) this.digest.word(view.getInt32(offset + byte, true));
    if (!this.#isCounting) return;
    if (type === MessageType.APPROVED_ORDER) this.orders++;
    else if (type === MessageType.REFUSAL) this.refusals++;
  };

  readonly #onOrderState = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type !== MessageType.FILL) return;
    const fill = this.#fill.__init(offset + HEADER_BYTES, buffer);
    this.digest.add(fill.price());
    this.digest.add(fill.amount());
    this.digest.add(fill.fee());
    if (!this.#isCounting) return;
    this.fillCount++;
    const maker = fill.liquidity() === Liquidity.MAKER;
    if (maker) this.makerFills++;
    const id = fill.instrument();
    if (this.#names.kindOf(id) !== InstrumentKind.OPTION) this.hedgeFills++;
    if (this.fills.length >= MOST_FILLS) return;
    this.fills.push({
      time: fill.tradeTime() / 1000,
      instrument: this.#names.nameOf(id),
      side: fill.side() === Side.BUY ? 'buy' : 'sell',
      price: fill.price(),
      amount: fill.amount(),
      fee: fill.fee(),
      maker,
    });
  };

  readonly #onExposure = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.UNDERLYING_EXPOSURE) {
      const exposure = this.#exposure.__init(offset + HEADER_BYTES, buffer);
      let greeks = this.#greeks.get(exposure.underlying());
      if (greeks === undefined) {
        greeks = { delta: 0, gamma: 0, vega: 0, theta: 0 };
        this.#greeks.set(exposure.underlying(), greeks);
      }
      greeks.delta = exposure.netDelta() * exposure.index();
      greeks.gamma = exposure.dollarGamma();
      greeks.vega = exposure.weightedVega();
      greeks.theta = exposure.theta() / DAYS_A_YEAR;
    } else if (type === MessageType.PROFIT_LOSS) {
      const profit = this.#profit.__init(offset + HEADER_BYTES, buffer);
      const of = this.#underlying(profit.underlying());
      of.feesUsd = profit.fees() * profit.index();
      of.volumeUsd = profit.volumeUsd();
    }
  };

  readonly #onAnalytics = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.ATTRIBUTION) {
      const told = this.#attribution.__init(offset + HEADER_BYTES, buffer);
      const of = this.#underlying(told.underlying());
      for (const term of TERMS) of.attribution[term] = told[term]();
      of.attribution.index = told.index();
      of.residualShare = told.absolute() > 0 ? told.absoluteResidual() / told.absolute() : 0;
    } else if (type === MessageType.PERFORMANCE) {
      const told = this.#performance.__init(offset + HEADER_BYTES, buffer);
      const of = this.#underlying(told.underlying());
      of.uptime = told.uptime();
      of.covered = told.covered();
    } else if (type === MessageType.MARKOUT && this.#isCounting) {
      const told = this.#markout.__init(offset + HEADER_BYTES, buffer);
      const seconds = told.seconds();
      let sum = this.#markouts.get(seconds);
      if (sum === undefined) {
        sum = { seconds, fills: 0, price: 0, vol: 0 };
        this.#markouts.set(seconds, sum);
      }
      sum.fills++;
      sum.price += told.price();
      if (Number.isFinite(told.vol())) sum.vol += told.vol();
    }
  };

  #underlying(number: number): Underlying {
    let of = this.#underlyings.get(number);
    if (of === undefined) {
      of = { attribution: {}, uptime: 0, covered: 0, residualShare: 0, volumeUsd: 0, feesUsd: 0 };
      this.#underlyings.set(number, of);
    }
    return of;
  }
}
