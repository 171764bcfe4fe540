import { expiryName } from '../command/target.js';
import { h, setText } from '../dom.js';
import { age, clock, fixed, percent, price, signed, signedWhole, vol, whole } from '../format.js';
import { expiries, exposures, positions, profits, tickers, tops, underlyings } from '../topics/first.js';
import { nameOf, regimes } from './codes.js';
import { DeskTiles } from './desk-tiles.js';
import { signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { currencyName } from './profit.js';

/** A number with what it is. */
function tile(label: string): { element: HTMLElement; set(text: string, tone?: string): void } {
  const value = h('b', '', ['-']);
  return {
    element: h('div', 'tile', [value, h('span', '', [label])]),
    set(text, tone = '') {
      setText(value, text);
      if (value.className !== tone) value.className = tone;
    },
  };
}

const labels = [
  'index',
  'perpetual',
  'funding 8 h, %',
  'ATM vol, %',
  '25d RR, pts',
  '25d BF, pts',
  'realised 1 h, %',
  'regime',
  'day P&L',
  'total P&L, USD',
  'delta, coin',
  'gamma, USD/%',
  'vega, USD/pt',
  'theta, USD/day',
  'positions',
] as const;

/** The market and the book of each underlying, in the numbers that are looked at first. */
export const open: OpenPage = (host) => {
  const states = host.table(underlyings);
  const slices = host.table(expiries);
  const tickerRows = host.table(tickers);
  const topRows = host.table(tops);
  const exposureRows = host.table(exposures);
  const profitRows = host.table(profits);
  const positionRows = host.table(positions);
  const desk = new DeskTiles(host);
  const note = h('p', 'note', ['Waits for instruments: the feed tells them within seconds of a start.']);
  const totals = h('p', 'note');
  const sections = new Map<string, Map<string, ReturnType<typeof tile>>>();
  // It scrolls in a small pane, so the keyboard has to reach it.
  host.body.tabIndex = 0;
  host.body.append(note);

  function sectionOf(name: string): Map<string, ReturnType<typeof tile>> {
    let section = sections.get(name);
    if (section === undefined) {
      section = new Map(labels.map((label) => [label, tile(label)]));
      sections.set(name, section);
      host.body.append(
        h(
          'section',
          '',
          [
            h('div', 'bar mark', [name]),
            h(
              'div',
              'tiles',
              [...section.values()].map(({ element }) => element),
            ),
          ],
          { 'aria-label': name },
        ),
        desk.element,
        totals,
      );
    }
    return section;
  }

  function drawMarket(name: string): void {
    const set = (label: (typeof labels)[number], text: string, tone?: string) =>
      sectionOf(name).get(label)!.set(text, tone);
    for (let slot = 0; slot < states.count; slot++) {
      const state = states.at(slot);
      if (host.markets.underlyingOf(state.option()) !== name) continue;
      set('index', state.index() > 0 ? price(state.index()) : '-');
      set('realised 1 h, %', vol(state.realised1h()));
      set('regime', nameOf(regimes, state.regime()), state.regime() >= 3 ? 'down' : '');
    }
    drawPerpetual(name, set);
    drawSmile(name, set);
  }

  function drawPerpetual(name: string, set: (label: (typeof labels)[number], text: string) => void): void {
    for (let slot = 0; slot < tickerRows.count; slot++) {
      const key = tickerRows.keys[slot]!;
      if (host.markets.row(key)?.kind() !== 3 || host.markets.underlyingOf(key) !== name) continue;
      const ticker = tickerRows.at(slot);
      set('perpetual', price(ticker.markPrice()));
      set('funding 8 h, %', percent(ticker.funding8h(), 4));
      if (states.count === 0) set('index', price(ticker.indexPrice()));
    }
  }

  /** The expiry nearest to 30 days. */
  function drawSmile(name: string, set: (label: (typeof labels)[number], text: string, tone?: string) => void): void {
    let nearest = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < slices.count; slot++) {
      const slice = slices.at(slot);
      const distance = Math.abs(slice.years() - 30 / 365);
      if (!(slice.atmVol() > 0) || distance >= nearest || host.markets.underlyingOf(slice.option()) !== name) continue;
      nearest = distance;
      set('ATM vol, %', `${vol(slice.atmVol())} ${expiryName(slice.expiryTime())}`);
      set('25d RR, pts', signed(slice.riskReversal25() * 100, 2), signTone(slice.riskReversal25()));
      set('25d BF, pts', signed(slice.butterfly25() * 100, 2));
    }
  }

  function drawBook(name: string): void {
    const set = (label: (typeof labels)[number], text: string, tone?: string) =>
      sectionOf(name).get(label)!.set(text, tone);
    let day = 0;
    let usd = 0;
    let currency = '';
    for (let slot = 0; slot < profitRows.count; slot++) {
      const profit = profitRows.at(slot);
      if (host.markets.underlyingName(profit.underlying()) !== name) continue;
      usd += profit.totalUsd();
      // Coins and dollars are not added up: the day is told in the coin, where there is one.
      const settledIn = currencyName(profit.currency0(), profit.currency1());
      if (settledIn === name || currency === '') {
        day = profit.dayTotal();
        currency = settledIn;
      }
      set('day P&L', `${signed(day, 5)} ${currency}`, signTone(day));
      set('total P&L, USD', signedWhole(usd), signTone(usd));
    }
    for (let slot = 0; slot < exposureRows.count; slot++) {
      const exposure = exposureRows.at(slot);
      if (host.markets.underlyingName(exposure.underlying()) !== name) continue;
      set('delta, coin', signed(exposure.delta(), 3), signTone(exposure.delta()));
      set('gamma, USD/%', signedWhole(exposure.dollarGamma()));
      set('vega, USD/pt', signedWhole(exposure.vega() / 100));
      set('theta, USD/day', signedWhole(exposure.theta() / 365));
      set('positions', whole(exposure.positions()));
    }
  }

  return {
    pace: 250,
    draw(now) {
      const names = host.markets.underlyings;
      note.hidden = names.length > 0;
      for (const name of names) {
        drawMarket(name);
        drawBook(name);
      }
      desk.draw();
      let live = 0;
      for (let slot = 0; slot < topRows.count; slot++) if (topRows.at(slot).state() === 1) live++;
      let held = 0;
      for (let slot = 0; slot < positionRows.count; slot++) if (positionRows.at(slot).size() !== 0) held++;
      const tickerChannel = host.connection.store.channels.get('tickers');
      setText(
        totals,
        `${whole(live)} of ${whole(topRows.count)} books live · ${whole(held)} positions · ${fixed(tickerChannel?.rate ?? Number.NaN, 0)} tickers/s, last ${age(tickerChannel?.age(now) ?? Number.NaN)} ago · engine time ${clock(tickerChannel?.engineTime ?? 0)} UTC`,
      );
    },
  };
};
