import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Board } from '../../engine/runtime/supervision/board.js';
import type { OwnCounters } from '../topics/board-source.js';
import type { TopicSet } from '../topics/topic-set.js';
import { engineFamilies } from './engine-families.js';
import type { Family, MetricSource } from './family.js';
import { FamilyText } from './family-text.js';
import { gatewayFamilies } from './gateway-families.js';
import { marketFamilies } from './market-families.js';
import { RefusalCounts } from './refusal-counts.js';
import { riskFamilies } from './risk-families.js';
import { tradingFamilies } from './trading-families.js';
import { UnderlyingNames } from './underlying-names.js';

/** Every family of metrics, in the order in which the documentation lists them. */
export const FAMILIES: readonly Family[] = [
  ...engineFamilies,
  ...marketFamilies,
  ...tradingFamilies,
  ...riskFamilies,
  ...gatewayFamilies,
];

export interface MetricInputs {
  board: Board;
  topics: TopicSet;
  own: OwnCounters;
  /** Whether this process's own memory, CPU and event loop are told too. */
  process?: boolean;
}

/** The metrics as text for Prometheus. What is asked for is read at that moment, and costs nobody but the asker. */
export class Exposition {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  private readonly own = new Registry();
  private readonly source: MetricSource;
  private readonly families = FAMILIES.map((family) => new FamilyText(family));

  constructor({ board, topics, own, process = false }: MetricInputs) {
    this.source = {
      board,
      topics,
      own,
      names: new UnderlyingNames(topics),
      refusals: new RefusalCounts(topics.events('refusals')),
    };
    if (process) collectDefaultMetrics({ register: this.own });
  }

  async text(): Promise<string> {
    const { families, source, own } = this;
    const ofProcess = await own.metrics();
    source.topics.poll();
    let text = '';
    for (const family of families) text += family.of(source);
    return text + ofProcess;
  }
}
