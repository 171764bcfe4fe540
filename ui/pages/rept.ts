import { ATTRIBUTION_TERMS } from '../../schemas/attribution-terms.js';
import { button, download, h } from '../dom.js';
import { clock, nanos, percent, price, signed, signedWhole, whole } from '../format.js';
import { exposures, positions, profits } from '../topics/first.js';
import {
  alerts,
  anomalies,
  attributions,
  fills,
  latency,
  limits,
  logLines,
  markouts,
  performances,
  worstCases,
} from '../topics/pages.js';
import { alertStates, anomalyKinds, nameOf, severities, sides } from './codes.js';
import { currencyName } from './home.js';
import { limitNames } from './limit-names.js';
import { volPoints } from './markout-points.js';
import type { OpenPage } from './page.js';
import { usdOf } from './pnl.js';

interface Section {
  title: string;
  head: readonly string[];
  rows: string[][];
}

/** Numbers stand below each other by their last digit. */
const isNumber = (text = '') => /^[+-]?[\d,]+(\.\d+)?$/.test(text) || text === '-';

/** Of each source, in a report. */
const MOST_INCIDENTS = 50;

/** The day so far as it can be printed or saved: what the engine tells screens, at the moment that it was asked for. */
export const open: OpenPage = (host) => {
  const profitRows = host.table(profits);
  const exposureRows = host.table(exposures);
  const positionRows = host.table(positions);
  const fillTail = host.tail(fills);
  const hops = host.table(latency);
  const parts = host.table(attributions);
  const duties = host.table(performances);
  const marks = host.table(markouts);
  const worst = host.table(worstCases);
  const limitRows = host.table(limits);
  const rules = host.table(alerts);
  const odd = host.tail(anomalies);
  const lines = host.tail(logLines);
  const paper = h('article', 'lines', [], { tabindex: '0', 'aria-label': 'Report' });
  let sections: Section[] = [];
  const save = (name: string, type: string, text: string) =>
    download(`volfilter-report.${name}`, new Blob([text], { type }));
  host.body.append(
    h('div', 'bar', [
      button('Anew', () => write()),
      button('Print', () => print()),
      button('CSV', () => save('csv', 'text/csv', csv())),
      button('JSON', () => save('json', 'application/json', JSON.stringify(sections, undefined, 2))),
    ]),
    paper,
  );

  function slots<T>(count: number, row: (slot: number) => T): T[] {
    return Array.from({ length: count }, (_, slot) => row(slot));
  }

  function collect(): Section[] {
    return [
      {
        title: 'Profit and loss',
        head: [
          'underlying',
          'currency',
          'total USD',
          'today',
          'realised',
          'unrealised',
          'edge',
          'funding',
          'fees',
          'fills',
        ],
        rows: slots(profitRows.count, (slot) => {
          const row = profitRows.at(slot);
          return [
            host.markets.underlyingName(row.underlying()),
            currencyName(row.currency0(), row.currency1()),
            signedWhole(row.totalUsd()),
            ...[row.dayTotal(), row.realised(), row.unrealised(), row.edge(), row.funding(), -row.fees()].map((value) =>
              signed(value, 5),
            ),
            whole(row.fills()),
          ];
        }),
      },
      {
        title: 'Where profit comes from, USD',
        head: [
          'underlying',
          ...ATTRIBUTION_TERMS.map((cause) => (cause === 'hedgeCost' ? 'hedge cost' : cause)),
          'total',
        ],
        rows: slots(parts.count, (slot) => {
          const row = parts.at(slot);
          return [
            host.markets.underlyingName(row.underlying()),
            ...ATTRIBUTION_TERMS.map((cause) => signedWhole(usdOf(row, row[cause]()))),
            signedWhole(row.totalUsd()),
          ];
        }),
      },
      {
        title: 'Quoting',
        head: [
          'underlying',
          'uptime %',
          'all quoted %',
          'quoted now',
          'wanted',
          'updates',
          'fills',
          'spread USD',
          'hit %',
        ],
        rows: slots(duties.count, (slot) => {
          const row = duties.at(slot);
          return [
            host.markets.underlyingName(row.underlying()),
            percent(row.uptime(), 2),
            percent(row.covered(), 2),
            whole(row.quotes()),
            whole(row.wanted()),
            whole(row.updates()),
            whole(row.fills()),
            signedWhole(row.spreadUsd()),
            percent(row.hitRate()),
          ];
        }),
      },
      {
        title: 'Markouts: what fills were worth later',
        head: ['newest of its kind', 'side', 'after s', 'its gain', 'mean of its kind, points', 'fills of its kind'],
        rows: slots(marks.count, (slot) => {
          const row = marks.at(slot);
          return [
            host.markets.name(row.instrument()),
            nameOf(sides, row.side()),
            whole(row.seconds()),
            signed(row.price() * row.amount(), 5),
            volPoints(row.bucketMean()),
            whole(row.bucketFills()),
          ];
        }),
      },
      {
        title: 'Worst cases if all that rests is filled',
        head: [
          'underlying',
          'delta up',
          'delta down',
          'vega up USD/pt',
          'vega down',
          'loss USD',
          'margin %',
          'refused',
        ],
        rows: slots(worst.count, (slot) => {
          const row = worst.at(slot);
          return [
            host.markets.underlyingName(row.underlying()),
            signed(row.deltaUp(), 3),
            signed(row.deltaDown(), 3),
            signedWhole(row.vegaUp() / 100),
            signedWhole(row.vegaDown() / 100),
            whole(row.scenarioLoss()),
            percent(row.marginUse()),
            whole(row.refused()),
          ];
        }),
      },
      {
        title: 'Limits in force',
        head: ['limit', 'value', 'unit', 'changed at'],
        rows: slots(limitRows.count, (slot) => {
          const row = limitRows.at(slot);
          const [name, unit] = limitNames[row.limit()] ?? [`#${row.limit()}`, ''];
          return [name, row.value().toLocaleString('en-US'), unit, clock(row.time())];
        }),
      },
      {
        title: 'Incidents',
        head: ['time', 'what', 'where', 'grade'],
        rows: incidents(),
      },
      {
        title: 'Exposure',
        head: ['underlying', 'delta', 'gamma USD/%', 'vega USD/pt', 'theta USD/day'],
        rows: slots(exposureRows.count, (slot) => {
          const row = exposureRows.at(slot);
          return [
            host.markets.underlyingName(row.underlying()),
            signed(row.delta(), 3),
            signedWhole(row.dollarGamma()),
            signedWhole(row.vega() / 100),
            signedWhole(row.theta() / 365),
          ];
        }),
      },
      {
        title: 'Positions',
        head: ['instrument', 'size', 'average', 'mark', 'unrealised', 'realised'],
        rows: slots(positionRows.count, (slot) => {
          const row = positionRows.at(slot);
          return [
            host.markets.name(row.instrument()),
            signed(row.size(), 1),
            price(row.averagePrice()),
            price(row.mark()),
            signed(row.unrealised(), 5),
            signed(row.realised(), 5),
          ];
        }).filter(([, size]) => size !== '0.0'),
      },
      {
        title: 'Fills',
        head: ['time', 'instrument', 'side', 'price', 'amount'],
        rows: slots(Math.min(500, fillTail.count), (place) => {
          const row = fillTail.at(place);
          return [
            clock(row.tradeTime()),
            host.markets.name(row.instrument()),
            nameOf(sides, row.side()),
            price(row.price()),
            signed(row.amount(), 1),
          ];
        }),
      },
      {
        title: 'Latency',
        head: ['actor', 'waiting p50', 'p99', 'work p50', 'p99', 'max'],
        rows: slots(hops.count, (slot) => {
          const row = hops.at(slot);
          return [
            hops.texts[slot] ?? '',
            nanos(row.waitingP50()),
            nanos(row.waitingP99()),
            nanos(row.serviceP50()),
            nanos(row.serviceP99()),
            nanos(row.serviceMax()),
          ];
        }),
      },
    ];
  }

  /** Alerts that are not normal, anomalies above a notice, and what the engine warned of; the newest of each first. */
  function incidents(): string[][] {
    const firing = slots(rules.count, (slot) => {
      const row = rules.at(slot);
      const name = rules.texts[slot]?.split('\t')[0] ?? '';
      return {
        told: row.state() > 1,
        cells: [clock(row.since()), name, nameOf(alertStates, row.state())],
        grade: row.severity(),
      };
    });
    const seen = slots(odd.count, (place) => {
      const row = odd.at(place);
      const where =
        row.instrument() === 0xffffffff
          ? host.markets.underlyingName(row.underlying())
          : host.markets.name(row.instrument());
      return {
        told: row.severity() > 1,
        cells: [clock(odd.time(place)), nameOf(anomalyKinds, row.kind()), where],
        grade: row.severity(),
      };
    });
    const warned = slots(lines.count, (place) => {
      const row = lines.at(place);
      return { told: row.level() > 1, cells: [clock(row.time()), lines.text(place), 'log'], grade: row.level() };
    });
    return [firing, seen, warned].flatMap((list) =>
      list
        .filter(({ told }) => told)
        .slice(0, MOST_INCIDENTS)
        .map(({ cells, grade }) => [...cells, nameOf(severities, grade)]),
    );
  }

  function write(): void {
    sections = collect();
    const engineTime = host.connection.store.channels.get('profits')?.engineTime ?? 0;
    paper.replaceChildren(
      h('h1', 'mark', [
        `Report, ${engineTime > 0 ? new Date(engineTime / 1000).toISOString().slice(0, 19).replace('T', ' ') : 'no engine time yet'} UTC`,
      ]),
      ...sections.map(({ title, head, rows }) =>
        h('table', 'plain', [
          h('caption', '', [`${title}${rows.length === 0 ? ': nothing' : ''}`]),
          h('thead', '', [
            h(
              'tr',
              '',
              head.map((name, at) => h('th', isNumber(rows[0]?.[at]) ? 'number' : '', [name], { scope: 'col' })),
            ),
          ]),
          h(
            'tbody',
            '',
            rows.map((row) =>
              h(
                'tr',
                '',
                row.map((text) => h('td', isNumber(text) ? 'number' : '', [text])),
              ),
            ),
          ),
        ]),
      ),
    );
  }

  function csv(): string {
    return sections
      .map(({ title, head, rows }) =>
        [title, head.join(','), ...rows.map((row) => row.map((text) => `"${text}"`).join(','))].join('\n'),
      )
      .join('\n\n');
  }

  let written = false;
  return {
    draw() {
      // Once all that it is made of has come; afterwards a report does not change under whoever reads it.
      const { channels } = host.connection.store;
      const waits = [profits, exposures, positions, fills, latency, attributions, performances, limits].some(
        ({ name }) => {
          const channel = channels.get(name);
          return channel?.awaitsSnapshot === true && channel.problem === undefined;
        },
      );
      if (written || waits || profitRows.count + hops.count === 0) return;
      written = true;
      write();
    },
    csv,
  };
};
