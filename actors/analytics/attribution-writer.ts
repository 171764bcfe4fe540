import { Sum, Term } from '../../engine/market/analytics/attribution-book.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { MessageType } from '../../schemas/message-type.js';
import { showLatest } from '../stage-parts/show-latest.js';
import type { AnalyticsConfig, AnalyticsMemory } from './analytics-memory.js';
import { Pot } from './analytics-rows.js';
import { SHOWN } from './shown-edges.js';

/** Tells where the profit of an underlying comes from: terms that add up to it. */
export class AttributionWriter {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: AnalyticsMemory;
  private readonly told = new Attribution();

  constructor(context: CoreContext<AnalyticsConfig>, memory: AnalyticsMemory) {
    this.context = context;
    this.memory = memory;
  }

  /** @param total of the profit, in the settlement currency, and in USD */
  tell(underlying: number, total: number, totalUsd: number): void {
    const { told, memory } = this;
    const { out } = this.context;
    const { sums } = memory.book;
    const at = underlying * Sum.SIZE;
    const body = out.emit(MessageType.ATTRIBUTION, Attribution.sizeOf());
    told.__init(body, out.buffer);
    told.mutate_underlying(underlying);
    told.mutate_fills(sums[at + Sum.FILLS]!);
    told.mutate_delta(sums[at + Term.DELTA]!);
    told.mutate_hedge(sums[at + Term.HEDGE]!);
    told.mutate_gamma(sums[at + Term.GAMMA]!);
    told.mutate_vega(sums[at + Term.VEGA]!);
    told.mutate_theta(sums[at + Term.THETA]!);
    told.mutate_vanna(sums[at + Term.VANNA]!);
    told.mutate_volga(sums[at + Term.VOLGA]!);
    told.mutate_edge(sums[at + Term.EDGE]!);
    told.mutate_hedgeCost(sums[at + Term.HEDGE_COST]!);
    told.mutate_fees(sums[at + Term.FEES]!);
    told.mutate_funding(sums[at + Term.FUNDING]!);
    told.mutate_settled(sums[at + Term.SETTLED]!);
    told.mutate_residual(sums[at + Term.RESIDUAL]!);
    told.mutate_total(total);
    told.mutate_totalUsd(totalUsd);
    told.mutate_marked(memory.book.marked(underlying));
    told.mutate_index(memory.pots[underlying * Pot.SIZE + Pot.INDEX]!);
    told.mutate_absolute(sums[at + Sum.ABSOLUTE]!);
    told.mutate_absoluteResidual(sums[at + Sum.ABSOLUTE_RESIDUAL]!);
    showLatest(this.context, SHOWN.ATTRIBUTIONS, underlying, MessageType.ATTRIBUTION, body, Attribution.sizeOf());
  }
}
