import { AnomalyKind } from '../../engine/market/anomaly/kinds.js';
import { NO_INSTRUMENT } from '../../engine/market/orders/codes.js';
import { rowsOf } from '../assistant/tools/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { clock, number } from './fields.js';
import { type Section, section } from './report.js';
import type { ReportNames } from './report-names.js';

/** Incidents told of each source. */
const MOST_INCIDENTS = 100;

const severities = ['', 'notice', 'warning', 'critical'];
const alertStates = ['', 'normal', 'pending', 'firing', 'no data', 'error'];
const levels = ['', 'info', 'warning', 'error', 'fatal'];
const anomalyKinds = new Map<number, string>(
  Object.entries(AnomalyKind).map(([name, kind]) => [kind, name.toLowerCase().replaceAll('_', ' ')]),
);

/** Alerts that are not normal, anomalies above a notice, and what the engine warned of. */
export function incidents(topics: TopicSet, names: ReportNames, fromMicros: number): Section {
  interface Incident {
    time: number;
    what: string;
    where: string;
    grade: string;
  }
  const alerts = rowsOf(topics, 'alerts')
    .filter((row) => number(row, 'state') > 1)
    .map(
      (row): Incident => ({
        time: number(row, 'since'),
        what: `alert ${String(row.text ?? '').split('\t')[0]}`,
        where: alertStates[number(row, 'state')] ?? '',
        grade: severities[number(row, 'severity')] ?? '',
      }),
    );
  const anomalies = rowsOf(topics, 'anomalies')
    .filter((row) => number(row, 'severity') > 1)
    .map(
      (row): Incident => ({
        time: number(row, 'time'),
        what: anomalyKinds.get(number(row, 'kind')) ?? `anomaly ${row.kind}`,
        where: number(row, 'instrument') === NO_INSTRUMENT ? names.underlying(row) : names.instrument(row),
        grade: severities[number(row, 'severity')] ?? '',
      }),
    );
  const warnings = rowsOf(topics, 'log')
    .filter((row) => number(row, 'level') > 1)
    .map(
      (row): Incident => ({
        time: number(row, 'time'),
        what: String(row.text ?? ''),
        where: 'log',
        grade: levels[number(row, 'level')] ?? '',
      }),
    );
  const found = [alerts, anomalies, warnings]
    .flatMap((list) => list.filter(({ time }) => time >= fromMicros).slice(0, MOST_INCIDENTS))
    .sort((a, b) => b.time - a.time);
  return section('Incidents, the newest first', found, [
    ['time, UTC', null, ({ time }) => clock(time)],
    ['what', null, ({ what }) => what],
    ['where', null, ({ where }) => where],
    ['grade', null, ({ grade }) => grade],
  ]);
}
