import { fixed, price, signed, signedWhole } from '../format.js';
import { positions } from '../topics/first.js';
import { markKinds, nameOf } from './codes.js';
import { listing, signTone } from './listing.js';
import { isOfUnderlying } from './of-target.js';
import type { OpenPage } from './page.js';
import { underlyingBar } from './target-bar.js';

/** Every position that is held, the largest delta first. */
export const open: OpenPage = (host) => {
  const table = host.table(positions);
  const bar = underlyingBar(host, 'PORT');
  let slots: number[] = [];
  let version = -1;
  const row = (place: number) => table.at(slots[place]!);
  return listing(host, {
    label: 'Positions',
    empty: 'Nothing is held. A position appears with its first fill.',
    above: bar.element,
    rows: () => slots.length,
    columns: [
      {
        title: 'instrument',
        width: 22,
        words: true,
        text: (place) => host.markets.name(row(place).instrument()),
        tone: () => 'mark',
      },
      {
        title: 'size',
        width: 9,
        text: (place) => signed(row(place).size(), 1),
        tone: (place) => signTone(row(place).size()),
      },
      { title: 'average', width: 9, text: (place) => price(row(place).averagePrice()) },
      { title: 'mark', width: 9, text: (place) => price(row(place).mark()) },
      {
        title: 'by',
        width: 6,
        words: true,
        text: (place) => `${nameOf(markKinds, row(place).markKind())}${(row(place).flags() & 1) === 0 ? '' : ' STALE'}`,
        tone: (place) => ((row(place).flags() & 1) === 0 ? 'dim' : 'down'),
      },
      {
        title: 'unrealised',
        unit: 'ccy',
        width: 14,
        text: (place) => signed(row(place).unrealised(), 5),
        tone: (place) => signTone(row(place).unrealised()),
      },
      {
        title: 'realised',
        unit: 'ccy',
        width: 11,
        text: (place) => signed(row(place).realised(), 5),
        tone: (place) => signTone(row(place).realised()),
      },
      { title: 'fees', width: 10, text: (place) => signed(-row(place).fees(), 5) },
      { title: 'delta', width: 9, text: (place) => signed(row(place).delta(), 3) },
      { title: 'gamma', unit: 'coin/USD', width: 15, text: (place) => signed(row(place).gamma(), 6) },
      { title: 'vega', unit: '/pt', width: 8, text: (place) => signedWhole(row(place).vega() / 100) },
      { title: 'theta', unit: '/day', width: 8, text: (place) => signedWhole(row(place).theta() / 365) },
      { title: 'bought', width: 8, text: (place) => fixed(row(place).bought(), 1), tone: () => 'dim' },
      { title: 'sold', width: 8, text: (place) => fixed(row(place).sold(), 1), tone: () => 'dim' },
    ],
    drawAlso() {
      bar.draw();
      if (version === table.version) return;
      version = table.version;
      const deltas = new Map<number, number>();
      for (let slot = 0; slot < table.count; slot++) {
        const position = table.at(slot);
        if (position.size() !== 0 && isOfUnderlying(host, position.instrument()))
          deltas.set(slot, Math.abs(position.delta()));
      }
      // Rows do not change places under the pointer unless a position came or went.
      if (deltas.size !== slots.length || slots.some((slot) => !deltas.has(slot))) {
        slots = [...deltas.keys()].sort((a, b) => deltas.get(b)! - deltas.get(a)! || a - b);
      }
    },
  });
};
