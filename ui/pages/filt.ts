import { Curves } from '../chart/curves.js';
import { age, clock, fixed, percent, price, signed, vol } from '../format.js';
import { Grid } from '../grid/grid.js';
import { underlyings } from '../topics/first.js';
import { filterFlags, nameOf, regimes } from './codes.js';
import { bitNames, signTone } from './listing.js';
import type { OpenPage } from './page.js';

const MOST_POINTS = 1800;

/** The volatility filter: what has been, what it expects, what the market asks, and how they went since the page was opened. */
export const open: OpenPage = (host) => {
  const table = host.table(underlyings);
  const channel = host.connection.store.channels.get('underlyings');
  const course: [times: number[], fast: (number | null)[], hour: (number | null)[], implied: (number | null)[]] = [
    [],
    [],
    [],
    [],
  ];
  const curves = new Curves({
    x: 'engine time, UTC',
    y: 'volatility, %',
    isTime: true,
    curves: [
      { label: 'next minute', tone: 'blue' },
      { label: 'next hour', tone: 'amber' },
      { label: 'implied 30 d', tone: 'text' },
    ],
  });
  const volatility = (title: string, value: (slot: number) => number) => ({
    title,
    unit: '%',
    width: 10,
    text: (slot: number) => vol(value(slot)),
  });
  const grid = new Grid(
    {
      rows: () => table.count,
      columns: [
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (slot) => host.markets.underlyingOf(table.at(slot).option()),
          tone: () => 'mark',
        },
        { title: 'index', width: 9, text: (slot) => price(table.at(slot).index()) },
        {
          title: 'regime',
          width: 9,
          words: true,
          text: (slot) => nameOf(regimes, table.at(slot).regime()),
          tone: (slot) => (table.at(slot).regime() >= 3 ? 'down' : 'up'),
        },
        volatility('1 s', (slot) => table.at(slot).vol1s()),
        volatility('1 min', (slot) => table.at(slot).vol1m()),
        volatility('15 min', (slot) => table.at(slot).vol15m()),
        volatility('1 h', (slot) => table.at(slot).vol1h()),
        volatility('realised', (slot) => table.at(slot).realised1h()),
        volatility('30 d', (slot) => table.at(slot).forecast30d()),
        volatility('implied', (slot) => table.at(slot).implied30d()),
        {
          title: 'premium',
          unit: 'pts',
          width: 9,
          text: (slot) => signed(table.at(slot).riskPremium() * 100, 1),
          tone: (slot) => signTone(table.at(slot).riskPremium()),
        },
        { title: 'percentile', width: 10, text: (slot) => percent(table.at(slot).percentile(), 0) },
        { title: 'last jump', unit: 'UTC', width: 10, text: (slot) => clock(table.at(slot).lastJumpTime()) },
        { title: 'size', unit: '%', width: 8, text: (slot) => signed(table.at(slot).lastJumpSize() * 100, 2) },
        { title: 'surface', width: 8, text: (slot) => age(table.at(slot).surfaceAge()) },
        { title: 'failed', width: 7, text: (slot) => fixed(table.at(slot).failedFits(), 0) },
        {
          title: 'condition',
          width: 24,
          words: true,
          text: (slot) => bitNames(table.at(slot).flags(), filterFlags) || 'whole and fresh',
          tone: (slot) => (table.at(slot).flags() === 0 ? 'dim' : 'down'),
        },
      ],
    },
    'Volatility filter',
  );
  host.body.append(curves.element, grid.element);
  return {
    pace: 250,
    draw() {
      grid.draw();
      const seconds = Math.floor((channel?.engineTime ?? 0) / 1e6);
      const slot = slotShown();
      if (slot < 0 || seconds <= (course[0].at(-1) ?? 0)) return;
      const state = table.at(slot);
      const finite = (value: number) => (value > 0 ? value * 100 : null);
      course[0].push(seconds);
      course[1].push(finite(state.vol1m()));
      course[2].push(finite(state.vol1h()));
      course[3].push(finite(state.implied30d()));
      if (course[0].length > MOST_POINTS) for (const values of course) values.shift();
      if (course[0].length > 1) curves.draw(course);
    },
    resized() {
      curves.resized();
      grid.resized();
    },
    key: (event) => grid.key(event),
    closed: () => curves.close(),
    csv: () => grid.csv(),
  };

  function slotShown(): number {
    const wanted = host.target.underlying ?? host.markets.underlyings[0];
    for (let slot = 0; slot < table.count; slot++)
      if (host.markets.underlyingOf(table.at(slot).option()) === wanted) return slot;
    return -1;
  }
};
