import type { Board } from '../../engine/runtime/supervision/board.js';
import type { Histogram } from '../../engine/telemetry/histogram.js';
import type { OwnCounters } from '../topics/board-source.js';
import type { TopicSet } from '../topics/topic-set.js';
import type { RefusalCounts } from './refusal-counts.js';
import type { UnderlyingNames } from './underlying-names.js';

/** What metrics are read from: memory that is mapped here anyway. Nothing of it is asked of the engine. */
export interface MetricSource {
  board: Board;
  topics: TopicSet;
  own: OwnCounters;
  names: UnderlyingNames;
  refusals: RefusalCounts;
}

/** Takes one sample: its value, and the values of the family's labels in their order. */
export type Put = (value: number, ...labels: string[]) => void;
/** Takes the histogram of one set of labels, which is in nanoseconds. */
export type PutHistogram = (histogram: Histogram, ...labels: string[]) => void;

interface FamilyText {
  /** With unit and `_total` as Prometheus's conventions have it. */
  name: string;
  help: string;
  labels: readonly string[];
}

/** Metrics of one name. What is not known yet has no sample: a zero would say that it is nothing. */
export type Family =
  | (FamilyText & { type: 'counter' | 'gauge'; read(source: MetricSource, put: Put): void })
  | (FamilyText & { type: 'histogram'; read(source: MetricSource, put: PutHistogram): void });

type Reading = (source: MetricSource, put: Put) => void;

export function gauge(name: string, help: string, labels: readonly string[], read: Reading): Family {
  return { type: 'gauge', name, help, labels, read };
}

export function counter(name: string, help: string, labels: readonly string[], read: Reading): Family {
  return { type: 'counter', name, help, labels, read };
}
