import { colourOf } from '../chart/heat.js';
import { SurfaceView } from '../chart/surface.js';
import { expiryName } from '../command/target.js';
import { button, h, setText } from '../dom.js';
import { vol } from '../format.js';
import { theos } from '../topics/pages.js';
import { expiryBar } from './expiry-bar.js';
import type { OpenPage } from './page.js';

/** Columns of the surface: delta of a call. */
const deltas = [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];
const deltaName = (delta: number) =>
  delta > 0.5 ? `${Math.round((1 - delta) * 100)}P` : delta === 0.5 ? 'ATM' : `${Math.round(delta * 100)}C`;

/** The surface by delta and expiry: turned in space where the browser can, and always as a table that is a heat map. */
export const open: OpenPage = (host) => {
  const theoRows = host.table(theos);
  const bar = expiryBar(host, 'SURF', false);
  const view = new SurfaceView(deltas.map(deltaName));
  const words = h('span', 'dim');
  let isFlat = !view.isPossible;
  const toggle = button('heat map alone', () => {
    isFlat = !isFlat;
    arrange();
  });
  const body = h('tbody');
  const table = h('table', 'plain heat', [
    h('caption', '', ['Theoretical volatility, %, by delta and expiry']),
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
  bar.element.append(toggle, words);
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
      const grid = days.map(volatilities);
      const known = grid.flat().filter((value) => value > 0);
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
          const text = vol(value);
          if (cell.textContent === text) continue;
          setText(cell, text);
          const [r, g, b] = colourOf((value - low) / (high - low || 1));
          cell.style.background = value > 0 ? `rgb(${r * 255} ${g * 255} ${b * 255})` : '';
          // Dark letters on what is bright.
          cell.style.color = value > 0 ? (0.3 * r + 0.6 * g + 0.1 * b > 0.45 ? '#000' : '#fff') : '';
        }
      }
      if (known.length === 0) setText(words, 'waits for theoretical values: they come with the first surface');
      else arrange();
      if (known.length > 0 && !isFlat) view.draw(grid, days.map(expiryName), low, high);
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
