import { h } from '../dom.js';
import { fixed, percent, signed, signedWhole, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { exposures, positions, riskStates as riskStatesTopic, worstCases } from '../topics/first.js';
import { nameOf, riskScopes, riskStates } from './codes.js';
import { ExpiryGreeks } from './expiry-greeks.js';
import { limitToRows, signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { refusalName } from './refusal-name.js';
import { scopeOf } from './risk-scope.js';

/** Greeks of what is held, what it could become, and who may trade. */
export const open: OpenPage = (host) => {
  const held = host.table(exposures);
  const worst = host.table(worstCases);
  const states = host.table(riskStatesTopic);
  const isActive = (slot: number) => states.at(slot).state() === 1;
  const isByLimit = (slot: number) => states.at(slot).cause() !== 0;
  const number = (title: string, unit: string, value: (slot: number) => number, decimals: number) => ({
    title,
    unit,
    width: Math.max(11, title.length + unit.length + 1),
    text: (slot: number) => (decimals === 0 ? signedWhole(value(slot)) : signed(value(slot), decimals)),
    tone: (slot: number) => signTone(value(slot)),
  });
  const grids = [
    new Grid(
      {
        rows: () => held.count,
        columns: [
          {
            title: 'held',
            width: 8,
            words: true,
            text: (slot) => host.markets.underlyingName(held.at(slot).underlying()),
            tone: () => 'mark',
          },
          number('delta', 'coin', (slot) => held.at(slot).delta(), 3),
          number('net delta', 'coin', (slot) => held.at(slot).netDelta(), 3),
          number('delta', 'USD', (slot) => held.at(slot).deltaUsd(), 0),
          number('options', 'coin', (slot) => held.at(slot).optionDelta(), 3),
          number('hedges', 'coin', (slot) => held.at(slot).hedgeDelta(), 3),
          number('gamma', 'USD/%', (slot) => held.at(slot).dollarGamma(), 0),
          number('vega', 'USD/pt', (slot) => held.at(slot).vega() / 100, 0),
          number('w. vega', 'USD/pt', (slot) => held.at(slot).weightedVega() / 100, 0),
          number('theta', 'USD/day', (slot) => held.at(slot).theta() / 365, 0),
          number('vanna', '/pt', (slot) => held.at(slot).vanna() / 100, 3),
          number('volga', 'USD/pt²', (slot) => held.at(slot).volga() / 1e4, 1),
          {
            title: 'marks',
            width: 14,
            words: true,
            text: (slot) => (held.at(slot).flags() === 0 ? 'fresh' : `flags ${held.at(slot).flags()}`),
            tone: (slot) => (held.at(slot).flags() === 0 ? 'dim' : 'down'),
          },
        ],
      },
      'Exposure held',
    ),
    new Grid(
      {
        rows: () => worst.count,
        columns: [
          {
            title: 'at worst',
            width: 8,
            words: true,
            text: (slot) => host.markets.underlyingName(worst.at(slot).underlying()),
            tone: () => 'mark',
          },
          number('delta up', 'coin', (slot) => worst.at(slot).deltaUp(), 3),
          number('delta down', 'coin', (slot) => worst.at(slot).deltaDown(), 3),
          number('vega up', 'USD/pt', (slot) => worst.at(slot).vegaUp() / 100, 0),
          number('vega down', 'USD/pt', (slot) => worst.at(slot).vegaDown() / 100, 0),
          number('gamma down', 'coin/USD', (slot) => worst.at(slot).gammaDown(), 6),
          {
            title: 'loss',
            unit: 'USD',
            width: 11,
            text: (slot) => whole(worst.at(slot).scenarioLoss()),
            tone: (slot) => (worst.at(slot).scenarioLoss() > 0 ? 'down' : ''),
          },
          { title: 'at move', unit: '%', width: 8, text: (slot) => percent(worst.at(slot).scenarioMove(), 0) },
          { title: 'vol move', unit: '%', width: 8, text: (slot) => percent(worst.at(slot).scenarioVol(), 0) },
          { title: 'margin', unit: '%', width: 7, text: (slot) => percent(worst.at(slot).marginUse()) },
          { title: 'approved', width: 10, text: (slot) => whole(worst.at(slot).approved()) },
          { title: 'refused', width: 9, text: (slot) => whole(worst.at(slot).refused()) },
        ],
      },
      'Worst cases',
    ),
    new Grid(
      {
        rows: () => states.count,
        columns: [
          {
            title: 'state of',
            width: 12,
            words: true,
            text: (slot) => nameOf(riskScopes, states.at(slot).scope()),
            tone: () => 'mark',
          },
          {
            title: 'which',
            width: 14,
            words: true,
            text: (slot) => scopeOf(states.at(slot), (underlying) => host.markets.underlyingName(underlying)),
          },
          {
            title: 'is',
            width: 10,
            words: true,
            text: (slot) => nameOf(riskStates, states.at(slot).state()),
            tone: (slot) => (isActive(slot) ? 'up' : 'down'),
          },
          { title: 'armed', width: 6, words: true, text: (slot) => (states.at(slot).armed() === 1 ? 'yes' : 'no') },
          {
            title: 'cause',
            width: 40,
            words: true,
            text: (slot) => (isByLimit(slot) ? refusalName(states.at(slot).cause()) : isActive(slot) ? '' : 'operator'),
          },
          { title: 'found', width: 12, text: (slot) => (isByLimit(slot) ? fixed(states.at(slot).found(), 2) : '-') },
          { title: 'limit', width: 12, text: (slot) => (isByLimit(slot) ? fixed(states.at(slot).limit(), 2) : '-') },
        ],
      },
      'States of risk',
    ),
  ];
  const byExpiry = new ExpiryGreeks(host.table(positions), host.markets);
  grids.splice(
    1,
    0,
    new Grid(
      {
        rows: () => byExpiry.rows.length,
        prepare: () => byExpiry.refresh(),
        columns: [
          { title: 'held', width: 8, words: true, text: (row) => byExpiry.rows[row]!.underlying, tone: () => 'mark' },
          { title: 'expiry', width: 10, words: true, text: (row) => byExpiry.rows[row]!.expiry, tone: () => 'mark' },
          { title: 'positions', width: 9, text: (row) => whole(byExpiry.rows[row]!.positions) },
          number('delta', 'coin', (row) => byExpiry.rows[row]!.delta, 3),
          number('net delta', 'coin', (row) => byExpiry.rows[row]!.netDelta, 3),
          number('gamma', 'coin/USD', (row) => byExpiry.rows[row]!.gamma, 6),
          number('vega', 'USD/pt', (row) => byExpiry.rows[row]!.vega / 100, 0),
          number('theta', 'USD/day', (row) => byExpiry.rows[row]!.theta / 365, 0),
        ],
      },
      'Exposure by expiry',
    ),
  );
  for (const at of [0, 2, 3]) grids[at]!.element.classList.add('short');
  const note = h('p', 'note', [
    'Waits for exposures: the portfolio tells them with the first position, risk its worst cases a few times a second.',
  ]);
  const nothingHeld = h('p', 'note', [
    'Nothing is held: exposures by underlying and expiry appear with the first fill.',
  ]);
  host.body.append(note, nothingHeld, ...grids.map(({ element }) => element));
  return {
    draw() {
      note.hidden = held.count + worst.count + states.count > 0;
      nothingHeld.hidden = !note.hidden || held.count > 0;
      limitToRows(grids[1]!, byExpiry.rows.length);
      for (const grid of grids) grid.draw();
    },
    resized() {
      for (const grid of grids) grid.resized();
    },
    key: (event) => grids[0]!.key(event),
    csv: () => grids.map((grid) => grid.csv()).join('\n'),
  };
};
