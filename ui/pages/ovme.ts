import { Curves } from '../chart/curves.js';
import { expiryName } from '../command/target.js';
import { h } from '../dom.js';
import { fixed, price, signed, vol } from '../format.js';
import { expiries, theos, tops } from '../topics/first.js';
import { black } from './black.js';
import { Facts } from './facts.js';
import { signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { expiryBar } from './target-bar.js';

/** One option repriced for another index, volatility and day, beside what the market asks; and its payoff. */
export const open: OpenPage = (host) => {
  const theoRows = host.table(theos);
  const slices = host.table(expiries);
  const topRows = host.table(tops);
  const bar = expiryBar(host, 'OVME');
  const input = (value: string) => h('input', '', [], { type: 'number', step: 'any', value, size: '6' });
  const move = input('0');
  const points = input('0');
  const days = input('0');
  const form = h('form', 'form', [
    h('label', '', ['forward, %', move]),
    h('label', '', ['volatility, points', points]),
    h('label', '', ['days later', days]),
  ]);
  const facts = new Facts();
  const curves = new Curves({
    x: 'forward at the time, USD',
    y: 'value, USD',
    curves: [
      { label: 'then', tone: 'amber' },
      { label: 'at expiry', tone: 'dim' },
    ],
  });
  host.body.append(bar.element, form, facts.element, curves.element);
  form.addEventListener('input', () => draw());
  form.addEventListener('submit', (event) => event.preventDefault());

  function draw(): void {
    bar.draw();
    const expiry = bar.expiry();
    const strikes = expiry === undefined ? [] : host.markets.strikes(bar.underlying(), expiry);
    let forward = Number.NaN;
    let years = Number.NaN;
    for (let slot = 0; slot < slices.count; slot++) {
      const slice = slices.at(slot);
      if (slice.expiryTime() !== expiry || host.markets.underlyingOf(slice.option()) !== bar.underlying()) continue;
      forward = slice.forward();
      years = slice.years();
    }
    const wanted = host.target.strike ?? forward;
    const chosen = strikes.reduce<(typeof strikes)[number] | undefined>(
      (best, one) =>
        best === undefined || Math.abs(one.strike - wanted) < Math.abs(best.strike - wanted) ? one : best,
      undefined,
    );
    if (chosen === undefined || !(forward > 0)) {
      facts.set('option', 'waits for the forward and the theoretical values of this expiry');
      return;
    }
    const isCall = host.target.right !== 'P';
    const id = isCall ? chosen.call : chosen.put;
    const theoVol = theoRows.row(id)?.volatility() ?? Number.NaN;
    const inverse = ((host.markets.row(id)?.flags() ?? 0) & 1) !== 0;
    const then = {
      forward: forward * (1 + Number(move.value) / 100),
      vol: theoVol + Number(points.value) / 100,
      years: Math.max(0, years - Number(days.value) / 365),
    };
    const now = black(forward, chosen.strike, years, theoVol, isCall);
    const moved = black(then.forward, chosen.strike, then.years, then.vol, isCall);
    facts.set(
      'option',
      `${bar.underlying()} ${expiryName(expiry ?? 0)} ${chosen.strike} ${isCall ? 'C' : 'P'}`,
      'mark',
    );
    facts.set(
      'theo now',
      `${price(now.price)} USD${inverse ? ` = ${price(now.price / forward)}` : ''} at ${vol(theoVol, 2)} %`,
    );
    facts.set(
      'market',
      `${price(topRows.row(id)?.bidPrice() ?? Number.NaN)} / ${price(topRows.row(id)?.askPrice() ?? Number.NaN)}`,
    );
    facts.set(
      'then',
      `${price(moved.price)} USD${inverse ? ` = ${price(moved.price / then.forward)}` : ''} at ${vol(then.vol, 2)} %`,
    );
    facts.set('change', `${signed(moved.price - now.price, 2)} USD`, signTone(moved.price - now.price));
    facts.set('delta, coin', signed(moved.delta, 4));
    facts.set('gamma, coin/USD', moved.gamma.toPrecision(3));
    facts.set('vega, USD/pt', fixed(moved.vega, 2));
    facts.set('theta, USD/day', fixed(moved.theta, 2));
    // Four deviations, as far as anybody looks: an option of the last hour is no flat line with a corner.
    const reach = Math.min(0.4, Math.max(0.02, 4 * theoVol * Math.sqrt(years)));
    const xs = Array.from({ length: 81 }, (_, at) => forward * (1 + (reach * (at - 40)) / 40));
    curves.draw([
      xs,
      xs.map((x) => black(x, chosen.strike, then.years, then.vol, isCall).price),
      xs.map((x) => black(x, chosen.strike, 0, 0, isCall).price),
    ]);
  }
  return { pace: 250, draw, resized: () => curves.resized(), closed: () => curves.close() };
};
