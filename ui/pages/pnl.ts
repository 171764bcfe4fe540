import { ATTRIBUTION_TERMS } from '../../schemas/attribution-terms.js';
import { Curves } from '../chart/curves.js';
import { fixed, signed, signedWhole, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { attributions, profits } from '../topics/first.js';
import { signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { currencyName, usdOf } from './profit.js';

/** Points of the course: one a second for an hour, then every other one is dropped. */
const MOST_POINTS = 3600;

/** Profit by underlying and by where it comes from, and its course since the page was opened. */
export const open: OpenPage = (host) => {
  const table = host.table(profits);
  const parts = host.table(attributions);
  const channel = host.connection.store.channels.get('profits');
  const times: number[] = [];
  const totals: number[] = [];
  const curves = new Curves({
    x: 'engine time, UTC',
    y: 'profit, USD',
    isTime: true,
    curves: [{ label: 'total', tone: 'amber' }],
  });
  const amount = (title: string, value: (slot: number) => number) => ({
    title,
    width: 11,
    text: (slot: number) => signed(value(slot), 5),
    tone: (slot: number) => signTone(value(slot)),
  });
  const grid = new Grid(
    {
      rows: () => table.count,
      columns: [
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (slot) => host.markets.underlyingName(table.at(slot).underlying()),
          tone: () => 'mark',
        },
        {
          title: 'in',
          width: 5,
          words: true,
          text: (slot) => currencyName(table.at(slot).currency0(), table.at(slot).currency1()),
        },
        {
          title: 'total',
          unit: 'USD',
          width: 11,
          text: (slot) => signedWhole(table.at(slot).totalUsd()),
          tone: (slot) => signTone(Math.round(table.at(slot).totalUsd())),
        },
        amount('total', (slot) => table.at(slot).total()),
        amount('today', (slot) => table.at(slot).dayTotal()),
        amount('realised', (slot) => table.at(slot).realised()),
        amount('unreal theo', (slot) => table.at(slot).unrealised()),
        amount('unreal mark', (slot) => table.at(slot).unrealisedMark()),
        amount('unreal mid', (slot) => table.at(slot).unrealisedMid()),
        amount('edge', (slot) => table.at(slot).edge()),
        amount('funding', (slot) => table.at(slot).funding()),
        amount('fees', (slot) => -table.at(slot).fees()),
        amount('from peak', (slot) => table.at(slot).total() - table.at(slot).peak()),
        { title: 'traded', unit: 'USD', width: 12, text: (slot) => whole(table.at(slot).volumeUsd()) },
        { title: 'fills', width: 7, text: (slot) => fixed(table.at(slot).fills(), 0) },
      ],
    },
    'Profit and loss',
  );
  const partGrid = new Grid(
    {
      rows: () => parts.count,
      columns: [
        {
          title: 'from',
          unit: 'USD',
          width: 9,
          words: true,
          text: (slot) => host.markets.underlyingName(parts.at(slot).underlying()),
          tone: () => 'mark',
        },
        ...ATTRIBUTION_TERMS.map((cause) => ({
          title: cause === 'hedgeCost' ? 'hedge cost' : cause,
          width: 9,
          text: (slot: number) => signedWhole(usdOf(parts.at(slot), parts.at(slot)[cause]())),
          tone: (slot: number) => signTone(Math.round(usdOf(parts.at(slot), parts.at(slot)[cause]()))),
        })),
        {
          title: 'total',
          width: 9,
          text: (slot) => signedWhole(parts.at(slot).totalUsd()),
          tone: (slot) => signTone(Math.round(parts.at(slot).totalUsd())),
        },
        { title: 'fills', width: 6, text: (slot) => whole(parts.at(slot).fills()) },
      ],
    },
    'Where profit comes from',
  );
  for (const { element } of [grid, partGrid]) element.classList.add('short');
  host.body.append(curves.element, grid.element, partGrid.element);
  return {
    pace: 250,
    draw() {
      grid.draw();
      partGrid.draw();
      const seconds = Math.floor((channel?.engineTime ?? 0) / 1e6);
      if (table.count === 0 || seconds === 0) return;
      let total = 0;
      for (let slot = 0; slot < table.count; slot++) total += table.at(slot).totalUsd();
      if (times.at(-1) === seconds) totals[totals.length - 1] = total;
      else if (seconds > (times.at(-1) ?? 0)) {
        times.push(seconds);
        totals.push(total);
      }
      if (times.length > MOST_POINTS) thin();
      if (times.length > 1) curves.draw([times, totals]);
    },
    resized() {
      curves.resized();
      grid.resized();
      partGrid.resized();
    },
    key: (event) => grid.key(event),
    closed: () => curves.close(),
    csv: () => `${grid.csv()}\n${partGrid.csv()}`,
  };

  function thin(): void {
    for (const values of [times, totals]) values.splice(0, values.length, ...values.filter((_, at) => at % 2 === 0));
  }
};
