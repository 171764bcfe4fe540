import type { Markout } from '../../schemas/generated/markout.js';
import { price, signed, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { nameOf, sides } from './codes.js';
import { signTone } from './listing.js';
import { volPoints } from './markout-points.js';
import type { PaneHost } from './page.js';

/** What the newest fill of each kind was worth at each horizon, and the mean of all of its kind. */
export function markoutGrid(host: PaneHost, mark: (place: number) => Markout, rows: () => number): Grid {
  const gain = (place: number) => mark(place).price() * mark(place).amount();
  return new Grid(
    {
      rows,
      columns: [
        {
          title: 'newest of its kind',
          width: 22,
          words: true,
          text: (place) => host.markets.name(mark(place).instrument()),
          tone: () => 'mark',
        },
        {
          title: 'side',
          width: 5,
          words: true,
          text: (place) => nameOf(sides, mark(place).side()),
          tone: (place) => (mark(place).side() === 1 ? 'up' : 'down'),
        },
        { title: 'we', width: 6, words: true, text: (place) => (mark(place).bucket() % 2 === 1 ? 'took' : 'made') },
        { title: 'after', unit: 's', width: 8, text: (place) => whole(mark(place).seconds()) },
        { title: 'amount', width: 9, text: (place) => price(mark(place).amount()) },
        {
          title: 'gain',
          unit: 'ccy',
          width: 11,
          text: (place) => signed(gain(place), 5),
          tone: (place) => signTone(gain(place)),
        },
        { title: 'gain', unit: 'pts', width: 10, text: (place) => volPoints(mark(place).vol()) },
        {
          title: 'mean of its kind',
          unit: 'pts',
          width: 20,
          text: (place) => volPoints(mark(place).bucketMean()),
          tone: (place) => signTone(mark(place).bucketMean()),
        },
        { title: 'fills of its kind', width: 17, text: (place) => whole(mark(place).bucketFills()) },
      ],
    },
    'Markouts',
  );
}
