import { Curves } from '../chart/curves.js';
import { h } from '../dom.js';
import { age, clock, fixed, percent, price, signed, vol } from '../format.js';
import { Grid } from '../grid/grid.js';
import { filterEvents, filteredBars, filterRules } from '../topics/charts.js';
import { underlyings } from '../topics/first.js';
import { filterFlags, nameOf, regimes } from './codes.js';
import { eventGrid } from './filter-events.js';
import { ruleGrid } from './filter-rules.js';
import { bitNames, fitToRows, signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { expiryBar } from './target-bar.js';

const MOST_POINTS = 1800;

/** Times, seconds since the Unix epoch; then as many numbers of each course, null where there is none. */
type Course = [times: number[], ...courses: (number | null)[][]];

/**
 * The volatility filter: the price and what of it was filtered, what the models expect and the market asks since the page was opened, where each
 * threshold stands, and the events that were found.
 */
export const open: OpenPage = (host) => {
  const table = host.table(underlyings);
  const rules = host.table(filterRules);
  const events = host.tail(filterEvents);
  const bars = host.tail(filteredBars);
  const channel = host.connection.store.channels.get('underlyings');
  const prices: Course = [[], [], []];
  const vols: Course = [[], [], [], []];
  let marked = -1;
  let shown: string | undefined;
  const priceCurves = new Curves({
    x: 'engine time, UTC',
    y: 'price, USD',
    isTime: true,
    curves: [
      { label: 'price', tone: 'text' },
      { label: 'filtered', tone: 'down', dots: true },
    ],
  });
  const volCurves = new Curves({
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
    width: Math.max(8, title.length + 2),
    text: (slot: number) => vol(value(slot)),
  });
  const models = new Grid(
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
        { title: 'index', width: 8, text: (slot) => price(table.at(slot).index()) },
        { title: 'price', width: 8, text: (slot) => price(table.at(slot).reference()) },
        {
          title: 'regime',
          width: 8,
          words: true,
          text: (slot) => nameOf(regimes, table.at(slot).regime()),
          tone: (slot) => (table.at(slot).regime() >= 3 ? 'down' : 'up'),
        },
        {
          title: 'condition',
          width: 15,
          words: true,
          text: (slot) => bitNames(table.at(slot).flags(), filterFlags) || 'whole and fresh',
          tone: (slot) => (table.at(slot).flags() === 0 ? 'dim' : 'down'),
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
          width: 11,
          text: (slot) => signed(table.at(slot).riskPremium() * 100, 1),
          tone: (slot) => signTone(table.at(slot).riskPremium()),
        },
        { title: 'percentile', width: 10, text: (slot) => percent(table.at(slot).percentile(), 0) },
        { title: 'last jump', unit: 'UTC', width: 13, text: (slot) => clock(table.at(slot).lastJumpTime()) },
        {
          title: 'size',
          unit: '%',
          width: 7,
          text: (slot) => (table.at(slot).lastJumpTime() > 0 ? signed(table.at(slot).lastJumpSize() * 100, 2) : '-'),
        },
        { title: 'surface', width: 7, text: (slot) => age(table.at(slot).surfaceAge()) },
        { title: 'failed', width: 7, text: (slot) => fixed(table.at(slot).failedFits(), 0) },
      ],
    },
    'Volatility filter',
  );
  const bar = expiryBar(host, 'FILT', false);
  const thresholds = ruleGrid(host, rules);
  const found = eventGrid(host, events);
  const quiet = h('p', 'note', [
    'No threshold was crossed since this start of the engine; a rule says nothing before a quarter of its window is filled.',
  ]);
  host.body.append(
    bar.element,
    h('div', 'figures', [priceCurves.element, volCurves.element]),
    models.element,
    thresholds.element,
    quiet,
    found.element,
  );
  return {
    pace: 250,
    draw() {
      fitToRows(models, table.count);
      fitToRows(thresholds, rules.count);
      models.draw();
      thresholds.draw();
      found.draw();
      quiet.hidden = events.count > 0;
      found.element.hidden = events.count === 0;
      bar.draw();
      const name = bar.underlying();
      if (name !== shown) begin(name);
      const slot = slotOf(name);
      const seconds = Math.floor((channel?.engineTime ?? 0) / 1e6);
      if (slot < 0 || seconds <= (prices[0].at(-1) ?? 0)) return;
      const state = table.at(slot);
      add(prices, seconds, [positive(state.reference()), null]);
      add(
        vols,
        seconds,
        [state.vol1m(), state.vol1h(), state.implied30d()].map((value) => positive(value * 100)),
      );
      // The newest bar may still be under way: what is filtered is known at its end.
      if (bars.version !== marked) mark(name);
      if (prices[0].length > 1) {
        priceCurves.draw(prices);
        volCurves.draw(vols);
      }
    },
    resized() {
      priceCurves.resized();
      volCurves.resized();
      for (const grid of [models, thresholds, found]) grid.resized();
    },
    key: (event) => found.key(event),
    closed() {
      priceCurves.close();
      volCurves.close();
    },
    csv: () => [models, thresholds, found].map((grid) => grid.csv()).join('\n'),
  };

  function slotOf(name: string | undefined): number {
    for (let slot = 0; slot < table.count; slot++)
      if (host.markets.underlyingOf(table.at(slot).option()) === name) return slot;
    return -1;
  }

  /** Another underlying has another course. */
  function begin(name: string | undefined): void {
    shown = name;
    marked = -1;
    for (const values of [...prices, ...vols]) values.length = 0;
  }

  /** Marks the prices of the bars that were filtered. */
  function mark(name: string | undefined): void {
    marked = bars.version;
    const [times, values, filtered] = prices as [number[], (number | null)[], (number | null)[]];
    const first = times[0] ?? Number.POSITIVE_INFINITY;
    for (let place = 0; place < bars.count; place++) {
      const bar = bars.at(place);
      const from = bar.time() / 1e6;
      const to = from + bar.seconds();
      if (to < first) break;
      if (host.markets.underlyingName(bar.underlying()) !== name) continue;
      for (let at = times.length - 1; at >= 0 && times[at]! >= from; at--)
        if (times[at]! < to) filtered[at] = values[at]!;
    }
  }
};

function positive(value: number): number | null {
  return value > 0 ? value : null;
}

function add(course: Course, seconds: number, values: readonly (number | null)[]): void {
  const [times, ...courses] = course;
  times.push(seconds);
  for (const [place, numbers] of courses.entries()) numbers.push(values[place]!);
  if (times.length > MOST_POINTS) for (const numbers of course) numbers.shift();
}
