import { button, download, h } from '../dom.js';
import { clock, nanos, price, signed, signedWhole, whole } from '../format.js';
import { exposures, positions, profits } from '../topics/first.js';
import { fills, latency } from '../topics/pages.js';
import { nameOf, sides } from './codes.js';
import { currencyName } from './home.js';
import type { OpenPage } from './page.js';

interface Section {
  title: string;
  head: readonly string[];
  rows: string[][];
}

/** The day so far as it can be printed or saved: what the engine tells screens, at the moment that it was asked for. */
export const open: OpenPage = (host) => {
  const profitRows = host.table(profits);
  const exposureRows = host.table(exposures);
  const positionRows = host.table(positions);
  const fillTail = host.tail(fills);
  const hops = host.table(latency);
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
              head.map((name) => h('th', '', [name], { scope: 'col' })),
            ),
          ]),
          h(
            'tbody',
            '',
            rows.map((row) =>
              h(
                'tr',
                '',
                row.map((text) => h('td', '', [text])),
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
      // Once there is something to write; afterwards a report does not change under whoever reads it.
      if (written || profitRows.count + hops.count === 0) return;
      written = true;
      write();
    },
    csv,
  };
};
