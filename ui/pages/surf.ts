import { colourOf } from '../chart/heat.js';
import { SurfaceView } from '../chart/surface.js';
import { expiryName } from '../command/target.js';
import { button, h, setText } from '../dom.js';
import { signed, vol } from '../format.js';
import { slices } from '../topics/charts.js';
import { expiries, theos } from '../topics/first.js';
import type { OpenPage } from './page.js';
import { smileOf, volAtDelta } from './smile-fit.js';
import { expiryBar } from './target-bar.js';

/** Columns of the surface: delta of a call. */
const deltas = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];
const deltaName = (delta: number) =>
  delta > 0.5 ? `${Math.round((1 - delta) * 100)}P` : delta === 0.5 ? 'ATM' : `${Math.round(delta * 100)}C`;

/** What is drawn of each expiry and delta. */
const views = [
  {
    button: 'fitted',
    caption: 'Fitted volatility, %, by delta and expiry: the surface in force, as the calibrator left it',
  },
  {
    button: 'theo now',
    caption: 'Theoretical volatility now, %: the fit moved by nudges and shifts, at listed strikes',
  },
  { button: 'theo less fit', caption: 'Theo now less the fit, points of volatility: what has moved since the fit' },
] as const;

/** The surface by delta and expiry: turned in space where the browser can, and always as a table that is a heat map. */
export const open: OpenPage = (host) => {
  const theoRows = host.table(theos);
  const fits = host.table(slices);
  const states = host.table(expiries);
  let shown = 0;
  const bar = expiryBar(host, 'SURF', false);
  const view = new SurfaceView(deltas.map(deltaName));
  const words = h('span', 'dim');
  let isFlat = !view.isPossible;
  const toggle = button('heat map alone', () => {
    isFlat = !isFlat;
    arrange();
  });
  const kind = button(views[0].button, () => {
    shown = (shown + 1) % views.length;
    setText(kind, views[shown]!.button);
    setText(caption, views[shown]!.caption);
    fitSeen = -1;
  });
  kind.title = 'fitted, theo now, or what lies between them';
  const caption = h('caption', '', [views[0].caption]);
  const body = h('tbody');
  const table = h('table', 'plain heat', [
    caption,
    h('thead', '', [
      h('tr', '', [
        h('th', '', ['expiry'], { scope: 'col' }),
        ...deltas.map((delta) => h('th', '', [deltaName(delta)], { scope: 'col' })),
      ]),
    ]),
    body,
  ]);
  const scroller = h('div', '', [table], {
    tabindex: '0',
    role: 'region',
    'aria-label': 'Volatility by delta and expiry',
  });
  scroller.style.overflow = 'auto';
  // In a small pane the surface keeps its half.
  scroller.style.maxHeight = '50%';
  bar.element.append(kind, toggle, words);
  host.body.append(bar.element, view.element, scroller);
  let cells: HTMLElement[][] = [];
  let drawnExpiries = '';
  arrange();

  function arrange(): void {
    view.element.hidden = isFlat;
    toggle.hidden = !view.isPossible;
    setText(
      words,
      view.isPossible ? 'arrows or dragging turn it' : 'this browser has no WebGL2: the heat map is the surface',
    );
  }

  let fitted: number[][] = [];
  let fitSeen = -1;
  let fitOf = '';

  /** The fit by expiry; solved anew only when one has come: a fit is a matter of seconds, a drawing of a quarter of one. */
  function fitGrid(days: readonly number[]): number[][] {
    const key = `${bar.underlying()} ${days.join()}`;
    const version = fits.version + states.count;
    if (version === fitSeen && key === fitOf) return fitted;
    fitSeen = version;
    fitOf = key;
    fitted = days.map((day) => {
      const row = fits.row(expiryIndex(day));
      if (row === undefined || !(row.years() > 0)) return deltas.map(() => Number.NaN);
      const smile = smileOf(row);
      return deltas.map((delta) => volAtDelta(smile, delta));
    });
    return fitted;
  }

  function expiryIndex(day: number): number {
    for (let slot = 0; slot < states.count; slot++) {
      const state = states.at(slot);
      if (state.expiryTime() === day && host.markets.underlyingOf(state.option()) === bar.underlying())
        return state.expiry();
    }
    return -1;
  }

  function gridOf(days: readonly number[]): number[][] {
    if (shown === 0) {
      const fit = fitGrid(days);
      // Before the first fit of this page's life is told, theos say nearly the same.
      return fit.flat().some((value) => value > 0) ? fit : days.map(volatilities);
    }
    const now = days.map(volatilities);
    if (shown === 1) return now;
    return fitGrid(days).map((row, at) => row.map((value, column) => now[at]![column]! - value));
  }

  function volatilities(expiry: number): number[] {
    const points: { delta: number; vol: number }[] = [];
    for (const { call, put } of host.markets.strikes(bar.underlying(), expiry)) {
      const row = theoRows.row(call) ?? theoRows.row(put);
      if (row === undefined || !(row.volatility() > 0)) continue;
      points.push({ delta: row.delta() < 0 ? row.delta() + 1 : row.delta(), vol: row.volatility() });
    }
    points.sort((a, b) => b.delta - a.delta);
    return deltas.map((delta) => between(points, delta));
  }

  return {
    pace: 250,
    draw() {
      bar.draw();
      const days = host.markets.expiries(bar.underlying());
      const grid = gridOf(days);
      const isDifference = shown === 2;
      const isKnown = (value: number) => (isDifference ? Number.isFinite(value) : value > 0);
      const known = grid.flat().filter(isKnown);
      const low = Math.min(...known);
      const high = Math.max(...known);
      if (drawnExpiries !== days.join()) {
        drawnExpiries = days.join();
        cells = days.map(() => deltas.map(() => h('td')));
        body.replaceChildren(
          ...days.map((day, row) => h('tr', '', [h('th', '', [expiryName(day)], { scope: 'row' }), ...cells[row]!])),
        );
      }
      for (const [row, values] of grid.entries()) {
        for (const [column, value] of values.entries()) {
          const cell = cells[row]![column]!;
          const text = isDifference ? signed(value * 100, 2) : vol(value);
          if (cell.textContent === text) continue;
          setText(cell, text);
          const [r, g, b] = colourOf((value - low) / (high - low || 1));
          cell.style.background = isKnown(value) ? `rgb(${r * 255} ${g * 255} ${b * 255})` : '';
          // Dark letters on what is bright.
          cell.style.color = isKnown(value) ? (0.3 * r + 0.6 * g + 0.1 * b > 0.45 ? '#000' : '#fff') : '';
        }
      }
      if (known.length === 0) setText(words, 'waits for theoretical values: they come with the first surface');
      else arrange();
      // A difference may be below zero, where a surface of volatility has holes: it is lifted, which its shape does not mind.
      const lift = isDifference ? 1 : 0;
      const drawn = isDifference ? grid.map((row) => row.map((value) => value + lift)) : grid;
      if (known.length > 0 && !isFlat) view.draw(drawn, days.map(expiryName), low + lift, high + lift, lift);
    },
    resized: () => view.resized(),
    key: (event) => view.key(event),
    closed: () => view.close(),
    csv: () =>
      `expiry,${deltas.map(deltaName).join(',')}\n${[...body.rows].map((row) => [...row.cells].map((cell) => cell.textContent).join(',')).join('\n')}\n`,
  };
};

/** Linear between the neighbours; NaN beyond the ends, since nothing is known there. */
function between(points: readonly { delta: number; vol: number }[], delta: number): number {
  for (let at = 1; at < points.length; at++) {
    const left = points[at - 1]!;
    const right = points[at]!;
    if (left.delta >= delta && right.delta <= delta) {
      const share = left.delta === right.delta ? 0 : (left.delta - delta) / (left.delta - right.delta);
      return left.vol + share * (right.vol - left.vol);
    }
  }
  return Number.NaN;
}
