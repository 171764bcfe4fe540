import { h, setText } from '../dom.js';
import { signedWhole } from '../format.js';
import { expiries, exposures, positions, theos } from '../topics/first.js';
import type { OpenPage } from './page.js';
import { change, heldOf } from './revaluation.js';
import { expiryBar } from './target-bar.js';

const moves = [-0.2, -0.1, -0.05, -0.02, 0, 0.02, 0.05, 0.1, 0.2];
/** Points of volatility. */
const volMoves = [20, 10, 5, 0, -5, -10];

/** Profit of what is held for moves of index and volatility, every option revalued. */
export const open: OpenPage = (host) => {
  const exposed = host.table(exposures);
  const holdings = host.table(positions);
  const theoRows = host.table(theos);
  const slices = host.table(expiries);
  const bar = expiryBar(host, 'SCEN', false);
  const note = h('p', 'note');
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
  function indexOf(underlying: string): number {
    for (let slot = 0; slot < exposed.count; slot++)
      if (host.markets.underlyingName(exposed.at(slot).underlying()) === underlying) return exposed.at(slot).index();
    return Number.NaN;
  }

  return {
    pace: 500,
    draw() {
      bar.draw();
      const underlying = bar.underlying();
      const { held, unknown } = heldOf(underlying, host.markets, holdings, theoRows, slices);
      const index = indexOf(underlying);
      setText(
        note,
        `USD, each option revalued by Black at the moved forward and volatility${unknown === 0 ? '' : `; ${unknown} without a theoretical value left out`}. The worst case that limits use is on RISK.`,
      );
      for (const [row, points] of volMoves.entries()) {
        for (const [column, move] of moves.entries()) {
          const profit = held.length === 0 ? Number.NaN : change(held, index, move, points / 100);
          const cell = cells[row]![column]!;
          setText(cell, signedWhole(profit));
          cell.className = profit > 0 ? 'up' : profit < 0 ? 'down' : '';
        }
      }
    },
    csv: () =>
      `vol points,${moves.join(',')}\n${volMoves.map((points, row) => [points, ...cells[row]!.map((cell) => `"${cell.textContent}"`)].join(',')).join('\n')}\n`,
  };
};
