import type { Anomaly } from '../../schemas/generated/anomaly.js';
import { clock, fixed, price, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import type { Tail } from '../store/tail.js';
import { anomalyKinds, nameOf, severities } from './codes.js';
import type { PaneHost } from './page.js';

const NOBODY = 0xffffffff;
/** Scores are multiples of what is usual; beyond this their size says no more than that it never happens. */
const GREATEST_SCORE = 9999;

/** What was found of one kind on one underlying. */
interface Found {
  kind: number;
  underlying: number;
  count: number;
  /** Kept back by the cool-down. */
  suppressed: number;
  severity: number;
  /** Largest arbitrage, USD; NaN where the kind is none. */
  largestUsd: number;
  /** Place of the newest in the tail. */
  newest: number;
}

/** Anomalies by kind and underlying, with the numbers of the newest: those that the gateway still holds. */
export function foundGrid(host: PaneHost, odd: Tail<Anomaly>): Grid {
  let found: Found[] = [];
  let version = -1;
  const newest = (row: number) => odd.at(found[row]!.newest);
  return new Grid(
    {
      prepare() {
        if (odd.version === version) return;
        version = odd.version;
        found = countKinds(odd);
      },
      rows: () => found.length,
      columns: [
        {
          title: 'anomaly',
          width: 22,
          words: true,
          text: (row) => nameOf(anomalyKinds, found[row]!.kind),
          tone: (row) => (found[row]!.severity >= 2 ? 'down' : 'mark'),
        },
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (row) => (found[row]!.underlying === NOBODY ? '' : host.markets.underlyingName(found[row]!.underlying)),
        },
        { title: 'told', width: 6, text: (row) => whole(found[row]!.count) },
        { title: 'kept back', width: 9, text: (row) => whole(found[row]!.suppressed) },
        { title: 'worst', width: 9, words: true, text: (row) => nameOf(severities, found[row]!.severity) },
        { title: 'largest', unit: 'USD', width: 12, text: (row) => whole(found[row]!.largestUsd) },
        {
          title: 'last',
          unit: 'UTC',
          width: 13,
          words: true,
          text: (row) => clock(odd.time(found[row]!.newest), true),
        },
        {
          title: 'of',
          width: 24,
          words: true,
          text: (row) => (newest(row).instrument() === NOBODY ? '' : host.markets.name(newest(row).instrument())),
        },
        { title: 'found', width: 12, text: (row) => price(newest(row).found()) },
        { title: 'expected', width: 12, text: (row) => price(newest(row).expected()) },
        {
          title: 'score',
          width: 8,
          text: (row) => {
            const score = newest(row).score();
            return score > GREATEST_SCORE ? `> ${GREATEST_SCORE}` : fixed(score, 1);
          },
        },
        { title: 'log event', width: 12, text: (row) => whole(newest(row).firstSeq()) },
      ],
    },
    'Anomalies by kind',
  );
}

/** Counts the anomalies of a tail, the kind that was told last first. */
export function countKinds(odd: Tail<Anomaly>): Found[] {
  const kinds = new Map<number, Found>();
  for (let place = 0; place < odd.count; place++) {
    const one = odd.at(place);
    const key = one.kind() * 0x1_0000_0000 + one.underlying();
    let known = kinds.get(key);
    if (known === undefined) {
      known = {
        kind: one.kind(),
        underlying: one.underlying(),
        count: 0,
        suppressed: 0,
        severity: 0,
        largestUsd: Number.NaN,
        newest: place,
      };
      kinds.set(key, known);
    }
    known.count++;
    known.suppressed += one.suppressed();
    known.severity = Math.max(known.severity, one.severity());
    if (!(known.largestUsd >= one.sizeUsd())) known.largestUsd = one.sizeUsd();
  }
  return [...kinds.values()];
}
