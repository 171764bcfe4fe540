import { rowsOf } from '../assistant/tools/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { incidents } from './incidents.js';
import type { LimitUses } from './limit-uses.js';
import { attribution, profits } from './profit-sections.js';
import { fieldColumn as field, type Section, section } from './report.js';
import { reportNames } from './report-names.js';
import type { Opening } from './report-store.js';
import { exposures, limits, positions, refused } from './risk-sections.js';
import { fillsOfDay, markouts, quoting } from './trading-sections.js';

/** Everything that a report tells, from what the gateway knows now. @param fromMicros beginning of the day, microseconds since the Unix epoch */
export function collect(topics: TopicSet, fromMicros: number, opening: Opening, uses: LimitUses): Section[] {
  const names = reportNames(topics);
  return [
    profits(topics, names),
    attribution(topics, names, opening),
    quoting(topics, names, opening),
    markouts(topics, names),
    limits(topics, uses),
    incidents(topics, names, fromMicros),
    refused(topics, fromMicros),
    exposures(topics, names),
    positions(topics, names),
    fillsOfDay(topics, names, fromMicros),
    latency(topics),
  ];
}

/** How long records waited for each actor, and how long it worked on them. */
function latency(topics: TopicSet): Section {
  return section('Latency since the beginning of the engine, us', rowsOf(topics, 'latency'), [
    ['actor', null, (row) => String(row.text ?? '')],
    field('waiting p50', 1, 'waitingP50', 1e-3),
    field('waiting p99', 1, 'waitingP99', 1e-3),
    field('work p50', 1, 'serviceP50', 1e-3),
    field('work p99', 1, 'serviceP99', 1e-3),
    field('work, greatest', 1, 'serviceMax', 1e-3),
  ]);
}
