import type { Markout } from '../../schemas/generated/markout.js';
import { price, signed, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import type { Table } from '../store/table.js';
import { nameOf, sides } from './codes.js';
import { signTone } from './listing.js';
import { volPoints } from './markout-points.js';
import type { PaneHost } from './page.js';

/** What the newest fill of each kind was worth at each horizon, and the mean of all of its kind. */
export function markoutGrid(host: PaneHost, marks: Table<Markout>): Grid {
  const gain = (slot: number) => marks.at(slot).price() * marks.at(slot).amount();
  return new Grid(
    {
      rows: () => marks.count,
      columns: [
        {
          title: 'newest of its kind',
          width: 22,
          words: true,
          text: (slot) => host.markets.name(marks.at(slot).instrument()),
          tone: () => 'mark',
        },
        {
          title: 'side',
          width: 5,
          words: true,
          text: (slot) => nameOf(sides, marks.at(slot).side()),
          tone: (slot) => (marks.at(slot).side() === 1 ? 'up' : 'down'),
        },
        { title: 'we', width: 6, words: true, text: (slot) => (marks.at(slot).bucket() % 2 === 1 ? 'took' : 'made') },
        { title: 'after', unit: 's', width: 8, text: (slot) => whole(marks.at(slot).seconds()) },
        { title: 'amount', width: 9, text: (slot) => price(marks.at(slot).amount()) },
        {
          title: 'gain',
          unit: 'ccy',
          width: 11,
          text: (slot) => signed(gain(slot), 5),
          tone: (slot) => signTone(gain(slot)),
        },
        { title: 'gain', unit: 'pts', width: 10, text: (slot) => volPoints(marks.at(slot).vol()) },
        {
          title: 'mean of its kind',
          unit: 'pts',
          width: 20,
          text: (slot) => volPoints(marks.at(slot).bucketMean()),
          tone: (slot) => signTone(marks.at(slot).bucketMean()),
        },
        { title: 'fills of its kind', width: 17, text: (slot) => whole(marks.at(slot).bucketFills()) },
      ],
    },
    'Markouts',
  );
}
