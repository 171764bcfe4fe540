import { Curves } from '../chart/curves.js';
import { expiryName } from '../command/target.js';
import { fixed, price, signed, vol } from '../format.js';
import { Grid } from '../grid/grid.js';
import { expiries } from '../topics/first.js';
import { signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { expiryBar } from './target-bar.js';

/** Volatility at the money by time to expiry, and between expiries. */
export const open: OpenPage = (host) => {
  const slices = host.table(expiries);
  const bar = expiryBar(host, 'TERM', false);
  const curves = new Curves({
    x: 'days to expiry',
    y: 'volatility, %',
    curves: [
      { label: 'at the money', tone: 'amber' },
      { label: 'forward', tone: 'blue' },
      { label: 'realised forecast', tone: 'dim' },
    ],
  });
  let slots: number[] = [];
  const row = (place: number) => slices.at(slots[place]!);
  const grid = new Grid(
    {
      rows: () => slots.length,
      columns: [
        {
          title: 'expiry',
          width: 9,
          words: true,
          text: (place) => expiryName(row(place).expiryTime()),
          tone: () => 'mark',
        },
        { title: 'days', width: 6, text: (place) => fixed(row(place).years() * 365, 1) },
        { title: 'forward', unit: 'USD', width: 10, text: (place) => price(row(place).forward()) },
        { title: 'ATM', unit: '%', width: 7, text: (place) => vol(row(place).atmVol(), 2) },
        {
          title: 'fwd vol',
          unit: '%',
          width: 8,
          text: (place) => vol(forwardVol(place), 2),
          tone: (place) => (Number.isNaN(forwardVol(place)) && place > 0 ? 'down' : ''),
        },
        {
          title: 'RR 25',
          unit: 'pts',
          width: 7,
          text: (place) => signed(row(place).riskReversal25() * 100, 2),
          tone: (place) => signTone(row(place).riskReversal25()),
        },
        { title: 'BF 25', unit: 'pts', width: 7, text: (place) => signed(row(place).butterfly25() * 100, 2) },
        { title: 'forecast', unit: '%', width: 8, text: (place) => vol(row(place).forecastVol()) },
        { title: 'two-sided', width: 10, text: (place) => `${row(place).twoSided()}/${row(place).options()}` },
        { title: 'fit', unit: 'pts', width: 6, text: (place) => fixed(row(place).fitError() * 100, 2) },
      ],
    },
    'Term structure',
  );
  host.body.append(bar.element, curves.element, grid.element);

  /** Volatility between an expiry and the one before it; NaN where variance falls, which is calendar arbitrage. */
  function forwardVol(place: number): number {
    const { years, variance } = varianceAt(place);
    if (place === 0) return Math.sqrt(variance / years);
    const before = varianceAt(place - 1);
    return Math.sqrt((variance - before.variance) / (years - before.years));
  }

  function varianceAt(place: number): { years: number; variance: number } {
    const slice = row(place);
    const years = slice.years();
    return { years, variance: slice.atmVol() * slice.atmVol() * years };
  }

  return {
    pace: 250,
    draw() {
      bar.draw();
      slots = [];
      for (let slot = 0; slot < slices.count; slot++) {
        const slice = slices.at(slot);
        if (slice.atmVol() > 0 && slice.years() > 0 && host.markets.underlyingOf(slice.option()) === bar.underlying())
          slots.push(slot);
      }
      const years = new Map(slots.map((slot) => [slot, slices.at(slot).years()]));
      slots.sort((a, b) => years.get(a)! - years.get(b)!);
      const places = slots.map((_, place) => place);
      const finite = (value: number) => (value > 0 ? value * 100 : null);
      if (slots.length > 0) {
        curves.draw([
          places.map((place) => row(place).years() * 365),
          places.map((place) => finite(row(place).atmVol())),
          places.map((place) => finite(forwardVol(place))),
          places.map((place) => finite(row(place).forecastVol())),
        ]);
      }
      grid.draw();
    },
    resized() {
      curves.resized();
      grid.resized();
    },
    key: (event) => grid.key(event),
    closed: () => curves.close(),
    csv: () => grid.csv(),
  };
};
