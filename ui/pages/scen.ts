import { h, setText } from '../dom.js';
import { signedWhole } from '../format.js';
import { exposures } from '../topics/first.js';
import { expiryBar } from './expiry-bar.js';
import type { OpenPage } from './page.js';

const moves = [-0.2, -0.1, -0.05, -0.02, 0, 0.02, 0.05, 0.1, 0.2];
/** Points of volatility. */
const volMoves = [20, 10, 5, 0, -5, -10];

/** Profit for moves of index and volatility, by the Greeks to second order: near the money only, and it says so. */
export const open: OpenPage = (host) => {
  const held = host.table(exposures);
  const bar = expiryBar(host, 'SCEN', false);
  const note = h('p', 'note', [
    'USD, by delta, gamma, vega, vanna and volga: a second-order estimate, no revaluation. The worst case that limits use is on RISK.',
  ]);
  const cells = volMoves.map(() => moves.map(() => h('td')));
  const table = h('table', 'plain heat', [
    h('caption', '', ['Profit for moves of the index (across) and of volatility (down)']),
    h('thead', '', [
      h('tr', '', [
        h('th', '', ['vol pts']),
        ...moves.map((move) => h('th', '', [`${move > 0 ? '+' : ''}${(move * 100).toFixed(0)} %`], { scope: 'col' })),
      ]),
    ]),
    h(
      'tbody',
      '',
      volMoves.map((points, row) =>
        h('tr', '', [h('th', '', [`${points > 0 ? '+' : ''}${points}`], { scope: 'row' }), ...cells[row]!]),
      ),
    ),
  ]);
  host.body.append(bar.element, note, table);
  return {
    draw() {
      bar.draw();
      for (let slot = 0; slot < held.count; slot++) {
        const exposure = held.at(slot);
        if (host.markets.underlyingName(exposure.underlying()) !== bar.underlying()) continue;
        for (const [row, points] of volMoves.entries()) {
          for (const [column, move] of moves.entries()) {
            const dS = move * exposure.index();
            const dVol = points / 100;
            const profit =
              exposure.delta() * dS +
              0.5 * exposure.gamma() * dS * dS +
              exposure.vega() * dVol +
              exposure.vanna() * dS * dVol +
              0.5 * exposure.volga() * dVol * dVol;
            setText(cells[row]![column]!, signedWhole(profit));
            cells[row]![column]!.className = profit > 0 ? 'up' : profit < 0 ? 'down' : '';
          }
        }
        return;
      }
      for (const cell of cells.flat()) setText(cell, '-');
    },
    csv: () =>
      `vol points,${moves.join(',')}\n${volMoves.map((points, row) => [points, ...cells[row]!.map((cell) => `"${cell.textContent}"`)].join(',')).join('\n')}\n`,
  };
};
