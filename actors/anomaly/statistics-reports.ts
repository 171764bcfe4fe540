import {
  ABSOLUTE_AUTO,
  ABSOLUTE_VARIANCE,
  AUTO,
  BARS,
  type BarDetector,
  FOURTH,
  JUMP_RATIO,
  MEAN,
  THIRD,
  VARIANCE,
} from '../../engine/market/anomaly/bars.js';
import {
  ANOMALIES_TOLD,
  BAR_VOLUME,
  CROSSED_NOW,
  FILTERED_BARS,
  FROZEN_NOW,
  IMPLIED,
  MarketState,
  MEAN_BASIS,
  MEAN_SPREAD,
  NEAR_VOL,
  PRICE,
  PRODUCTS,
  TWO_SIDED_NOW,
} from '../../engine/market/anomaly/market-state.js';
import { MarketStatistics } from '../../schemas/generated/market-statistics.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { realisedVol } from './bar-vol.js';
import type { FilterRules } from './filter-rules.js';
import { SHOWN, type Teller } from './teller.js';

/** Tells the statistics of an underlying's bars, and shows the newest. */
export class StatisticsReports {
  private readonly teller: Teller;
  private readonly state: MarketState;
  private readonly bars: BarDetector;
  private readonly filters: FilterRules;
  private readonly barSeconds: number;
  private readonly statistics = new MarketStatistics();

  constructor(teller: Teller, state: MarketState, bars: BarDetector, filters: FilterRules, barSeconds: number) {
    this.teller = teller;
    this.state = state;
    this.bars = bars;
    this.filters = filters;
    this.barSeconds = barSeconds;
  }

  tell(underlying: number): void {
    const { teller } = this;
    const { out } = teller;
    if (teller.mayWrite()) {
      this.write(out.buffer, out.emit(MessageType.MARKET_STATISTICS, MarketStatistics.sizeOf()), underlying);
    }
    const latest = teller.latest(SHOWN.statistics);
    if (latest === undefined) return;
    const place = teller.claimShown(latest, underlying, MessageType.MARKET_STATISTICS, MarketStatistics.sizeOf());
    this.write(latest.buffer, place, underlying);
    latest.publish(underlying);
  }

  private write(buffer: ViewBuffer, at: number, underlying: number): void {
    const { state, bars, filters } = this;
    const u = state.underlyings;
    const row = MarketState.underlyingRow(underlying);
    const s = this.statistics.__init(at, buffer);
    const variance = u[row + VARIANCE]!;
    const deviation = Math.sqrt(variance);
    const realised = realisedVol(u, row, this.barSeconds);
    const implied =
      u[row + IMPLIED]! > 0 ? u[row + IMPLIED]! : u[row + NEAR_VOL]! > 0 ? u[row + NEAR_VOL]! : Number.NaN;
    s.mutate_underlying(underlying);
    s.mutate_bars(u[row + BARS]!);
    s.mutate_price(u[row + PRICE]!);
    s.mutate_mean(u[row + MEAN]!);
    s.mutate_deviation(deviation);
    s.mutate_skewness(u[row + THIRD]! / (variance * deviation));
    s.mutate_kurtosis(u[row + FOURTH]! / (variance * variance));
    s.mutate_autocorrelation(u[row + AUTO]! / variance);
    s.mutate_absoluteAutocorrelation(u[row + ABSOLUTE_AUTO]! / u[row + ABSOLUTE_VARIANCE]!);
    s.mutate_realised(realised);
    s.mutate_implied(implied);
    s.mutate_realisedOverImplied(realised / implied);
    s.mutate_correlation(bars.correlation(underlying, 0, PRODUCTS));
    s.mutate_jump(u[row + JUMP_RATIO]!);
    s.mutate_volume(u[row + BAR_VOLUME]!);
    s.mutate_spread(u[row + MEAN_SPREAD]!);
    s.mutate_crossed(u[row + CROSSED_NOW]!);
    s.mutate_frozen(u[row + FROZEN_NOW]!);
    s.mutate_rules(filters.active[underlying]!);
    s.mutate_quotes(u[row + TWO_SIDED_NOW]!);
    s.mutate_anomalies(u[row + ANOMALIES_TOLD]!);
    s.mutate_filtered(u[row + FILTERED_BARS]!);
    s.mutate_basis(u[row + MEAN_BASIS]!);
  }
}
