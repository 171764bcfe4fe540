import { OrderAction, RequestStatus } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { Performance } from '../../schemas/generated/performance.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { showLatest } from '../stage-parts/show-latest.js';
import type { AnalyticsConfig, AnalyticsMemory } from './analytics-memory.js';
import { Moment, Pot } from './analytics-rows.js';
import type { QuotingDuty } from './quoting-duty.js';
import { SHOWN } from './shown-edges.js';

/** Looks from one sample of the profit to the next, and samples a year. */
const LOOKS_PER_SAMPLE = 60;
const SAMPLES_A_YEAR = 365 * 24 * 60;

/** How well an underlying is traded: profit by its risk, drawdown, duty, messages a fill, deviations of vega and delta. */
export class PerformanceScore {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: AnalyticsMemory;
  private readonly request = new RequestUpdate();
  private readonly told = new Performance();

  constructor(context: CoreContext<AnalyticsConfig>, memory: AnalyticsMemory) {
    this.context = context;
    this.memory = memory;
  }

  /** Requests count that change orders at work. */
  takeRequest(buffer: ViewBuffer, body: number): void {
    const { request, memory } = this;
    request.__init(body, buffer);
    if (request.status() !== RequestStatus.SENT) return;
    const action = request.action();
    if (action !== OrderAction.PLACE && action !== OrderAction.AMEND && action !== OrderAction.QUOTE) return;
    const underlying = memory.underlyingOf(request.instrument());
    if (underlying >= 0) memory.pots[underlying * Pot.SIZE + Pot.UPDATES]! += 1;
  }

  /** Takes how an underlying stands now. @param now `now[0]`, event time */
  look(underlying: number, totalUsd: number, now: Float64Array): void {
    const { pots, moments, ints } = this.memory;
    const at = underlying * Pot.SIZE;
    if (pots[at + Pot.SINCE] === 0) pots[at + Pot.SINCE] = now[0]!;
    if (totalUsd > pots[at + Pot.PEAK]!) pots[at + Pot.PEAK] = totalUsd;
    pots[at + Pot.DRAWDOWN] = Math.max(pots[at + Pot.DRAWDOWN]!, pots[at + Pot.PEAK]! - totalUsd);
    moments.add(underlying * Moment.COUNT + Moment.VEGA, pots[at + Pot.VEGA]!);
    moments.add(underlying * Moment.COUNT + Moment.DELTA, pots[at + Pot.DELTA]!);
    if (ints[1]! % LOOKS_PER_SAMPLE === 0) this.sample(underlying, totalUsd);
  }

  private sample(underlying: number, totalUsd: number): void {
    const { pots, moments } = this.memory;
    const at = underlying * Pot.SIZE;
    const gain = totalUsd - pots[at + Pot.LAST_SAMPLE]!;
    pots[at + Pot.LAST_SAMPLE] = totalUsd;
    pots[at + Pot.SAMPLES]! += 1;
    if (gain > 0) pots[at + Pot.GAINS]! += 1;
    if (gain !== 0) pots[at + Pot.CHANGES]! += 1;
    if (gain < 0) pots[at + Pot.LOSS_SQUARES]! += gain * gain;
    moments.add(underlying * Moment.COUNT + Moment.PROFIT, gain);
  }

  tell(underlying: number, totalUsd: number, duty: QuotingDuty, now: Float64Array): void {
    const { told, memory } = this;
    const { out } = this.context;
    const { pots, moments } = memory;
    const at = underlying * Pot.SIZE;
    const row = underlying * Moment.COUNT;
    const mean = moments.mean(row + Moment.PROFIT);
    const deviation = moments.deviation(row + Moment.PROFIT);
    const downside = Math.sqrt(pots[at + Pot.LOSS_SQUARES]! / Math.max(1, pots[at + Pot.SAMPLES]!));
    const annual = Math.sqrt(SAMPLES_A_YEAR);
    const body = out.emit(MessageType.PERFORMANCE, Performance.sizeOf());
    told.__init(body, out.buffer);
    told.mutate_underlying(underlying);
    told.mutate_quotes(duty.quoted);
    told.mutate_wanted(duty.wanted);
    told.mutate_seconds((now[0]! - pots[at + Pot.SINCE]!) / 1e6);
    told.mutate_totalUsd(totalUsd);
    told.mutate_sharpe(deviation > 0 ? (annual * mean) / deviation : 0);
    told.mutate_sortino(downside > 0 ? (annual * mean) / downside : 0);
    told.mutate_drawdownUsd(pots[at + Pot.DRAWDOWN]!);
    told.mutate_hitRate(pots[at + Pot.CHANGES]! > 0 ? pots[at + Pot.GAINS]! / pots[at + Pot.CHANGES]! : 0);
    told.mutate_spreadUsd(pots[at + Pot.EDGE_USD]!);
    told.mutate_uptime(pots[at + Pot.WANTED]! > 0 ? pots[at + Pot.QUOTED]! / pots[at + Pot.WANTED]! : 0);
    told.mutate_covered(pots[at + Pot.LOOKS]! > 0 ? pots[at + Pot.COVERED]! / pots[at + Pot.LOOKS]! : 0);
    told.mutate_updates(pots[at + Pot.UPDATES]!);
    told.mutate_orderToVolume(pots[at + Pot.FILLS]! > 0 ? pots[at + Pot.UPDATES]! / pots[at + Pot.FILLS]! : 0);
    told.mutate_fills(pots[at + Pot.FILLS]!);
    told.mutate_makerFills(pots[at + Pot.MAKER_FILLS]!);
    told.mutate_volumeUsd(pots[at + Pot.VOLUME]!);
    told.mutate_vegaMean(moments.mean(row + Moment.VEGA));
    told.mutate_vegaDeviation(moments.deviation(row + Moment.VEGA));
    told.mutate_deltaDeviation(moments.deviation(row + Moment.DELTA));
    showLatest(this.context, SHOWN.PERFORMANCES, underlying, MessageType.PERFORMANCE, body, Performance.sizeOf());
  }
}
