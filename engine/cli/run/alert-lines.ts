import { readChangeText } from '../../../actors/alerts/alert-records.js';
import { underlyingName } from '../../../actors/alerts/metric-feed.js';
import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { AlertChange } from '../../../schemas/generated/alert-change.js';
import { Anomaly } from '../../../schemas/generated/anomaly.js';
import { MarketStatistics } from '../../../schemas/generated/market-statistics.js';
import { AlertState, alertStateNames, severities } from '../../market/alerts/index.js';
import { anomalyNames, severityNames } from '../../market/anomaly/kinds.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES, HeaderOffset } from '../../runtime/edge/record.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';

const ANOMALIES = 4;
const ALERTS = 5;
const NOBODY = 0xffffffff;

interface ShownAnomaly {
  time: number;
  line: string;
}

interface ShownAlert {
  state: number;
  since: number;
  line: string;
}

/** Statistics of the underlyings, the newest anomalies and the alerts that are not normal, as lines for a screen. */
export function alertLines(
  shown: Record<string, SharedHandle>,
  engineRun: number,
  definitions: DefinitionMemory | undefined,
): () => string[] {
  const open = (name: string): LatestReader =>
    new LatestReader(attachArena(openShared(shown[name]!, 'read'), name, EdgeKind.LATEST, engineRun));
  const anomaliesShown = open('anomalies-shown');
  const statisticsShown = open('statistics-shown');
  const alertsShown = open('alerts-shown');
  const anomaly = new Anomaly();
  const statistics = new MarketStatistics();
  const change = new AlertChange();
  const names: string[] = [];
  const indices: string[] = [];
  const underlyings: string[] = [];
  const anomalies = new Map<number, ShownAnomaly>();
  const alerts = new Map<number, ShownAlert>();
  const rows = new Map<number, string>();
  let read = 0;
  let told = 0;

  const underlying = (number: number): string => underlyings[number] ?? `#${number}`;

  return () => {
    read =
      definitions?.read(read, (id, instrument) => {
        names[id] = instrument.name;
        if (indices.includes(instrument.priceIndex)) return;
        indices.push(instrument.priceIndex);
        underlyings.push(underlyingName(instrument));
      }) ?? 0;
    statisticsShown.poll((_type, buffer, offset, number) => {
      const s = statistics.__init(offset + HEADER_BYTES, buffer);
      if (number === 0) told = 0;
      told += s.anomalies();
      rows.set(
        number,
        `${underlying(number).padEnd(12)}${plain(s.price()).padStart(12)}${percent(s.realised()).padStart(11)}${percent(s.implied()).padStart(10)}` +
          `${s.realisedOverImplied().toFixed(2).padStart(9)}${s.skewness().toFixed(2).padStart(8)}${s.kurtosis().toFixed(1).padStart(7)}` +
          `${s.autocorrelation().toFixed(2).padStart(8)}${s.correlation().toFixed(2).padStart(7)}${s.jump().toFixed(1).padStart(7)}` +
          `${String(s.crossed()).padStart(9)}${String(s.frozen()).padStart(8)}${(s.rules() === 0 ? '' : 'yes').padStart(10)}${String(s.anomalies()).padStart(11)}`,
      );
    }, Number.POSITIVE_INFINITY);
    anomaliesShown.poll((_type, buffer, offset, key) => {
      const a = anomaly.__init(offset + HEADER_BYTES, buffer);
      const time = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
      const where = [a.instrument(), a.second(), a.third()]
        .filter((id) => id !== NOBODY)
        .map((id) => names[id] ?? `#${id}`)
        .join(' ');
      const size = Number.isNaN(a.sizeUsd()) ? '' : `, ${a.sizeUsd().toFixed(0)} USD`;
      const line =
        `${clock(time)}  ${severityNames[a.severity()]?.padEnd(9)}${(anomalyNames[a.kind()] ?? '').replaceAll('_', ' ').padEnd(24)}` +
        `${underlying(a.underlying()).padEnd(6)}${where}  ${plain(a.found())} for ${plain(a.expected())} (${plain(a.score())})${size}`;
      anomalies.set(key, { time, line });
    }, Number.POSITIVE_INFINITY);
    alertsShown.poll((_type, buffer, offset, number) => {
      const c = change.__init(offset + HEADER_BYTES, buffer);
      const { name, rule } = readChangeText(buffer, offset + HEADER_BYTES);
      const seen = c.acknowledgedBy() === 0 ? '' : ', acknowledged';
      const silenced = c.silenced() === 0 ? '' : ', silenced';
      const numbers = Number.isNaN(c.found()) ? '' : ` ${plain(c.found())} against ${plain(c.bound())}:`;
      alerts.set(number, {
        state: c.state(),
        since: c.since(),
        line: `${clock(c.since())}  ${(severities[c.severity() - 1] ?? '').padEnd(9)}${`${alertStateNames[c.state() as 1]}${seen}${silenced}`.padEnd(24)}${name} ${numbers} ${rule}`,
      });
    }, Number.POSITIVE_INFINITY);

    const isLoud = ({ state }: ShownAlert): boolean => state === AlertState.FIRING || state === AlertState.PENDING;
    const loud = [...alerts.values()].filter(isLoud).sort((a, b) => b.since - a.since);
    const newest = [...anomalies.values()].sort((a, b) => b.time - a.time).slice(0, ANOMALIES);
    if (rows.size === 0 && newest.length === 0 && loud.length === 0) return [];
    return [
      `${'underlying'.padEnd(12)}${'price'.padStart(12)}${'realised'.padStart(11)}${'implied'.padStart(10)}${'ratio'.padStart(9)}${'skew'.padStart(8)}${'kurt'.padStart(7)}` +
        `${'auto'.padStart(8)}${'corr'.padStart(7)}${'jump'.padStart(7)}${'crossed'.padStart(9)}${'frozen'.padStart(8)}${'filtered'.padStart(10)}${'anomalies'.padStart(11)}`,
      ...[...rows].sort(([a], [b]) => a - b).map(([, line]) => line),
      ...(newest.length === 0 ? [] : [`anomalies   ${told} told`, ...newest.map(({ line }) => line)]),
      ...(alerts.size === 0 ? [] : [`alerts      ${loud.length} of ${alerts.size} fire or are about to`]),
      ...loud.slice(0, ALERTS).map(({ line }) => line),
    ];
  };
}

function clock(micros: number): string {
  return new Date(micros / 1000).toISOString().slice(11, 19);
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '-';
}

function plain(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : '-';
}
