import { signed, whole } from '../format.js';
import type { Column } from '../grid/grid.js';
import { feed } from '../topics/pages.js';
import { listing } from './listing.js';
import type { OpenPage } from './page.js';

type Counter =
  | 'connections'
  | 'connects'
  | 'messages'
  | 'books'
  | 'tickers'
  | 'trades'
  | 'good'
  | 'repaired'
  | 'malformed'
  | 'quarantined'
  | 'dropped'
  | 'outagesOpen'
  | 'resubscribed';

/** What each feed has heard, and what the guard thought of it. */
export const open: OpenPage = (host) => {
  const table = host.table(feed);
  /** Messages of each feed at the last look, and how many a second came since the one before. */
  const paces = new Map<number, { messages: number; at: number; rate: number }>();
  const count = (title: string, field: Counter, isBad = false): Column => ({
    title,
    width: Math.max(7, title.length),
    text: (slot) => whole(table.at(slot)[field]()),
    tone: (slot) => (isBad && table.at(slot)[field]() > 0 ? 'down' : ''),
  });
  return listing(host, {
    label: 'Feeds',
    empty: 'Waits for counters of the feed: the gateway tells them once a second while the engine follows a venue.',
    rows: () => table.count,
    columns: [
      { title: 'feed', width: 4, text: (slot) => `#${table.at(slot).feed()}`, tone: () => 'mark' },
      { ...count('up', 'connections'), width: 3, tone: (slot) => (table.at(slot).connections() > 0 ? 'up' : 'down') },
      count('connects', 'connects'),
      { title: 'venue clock', unit: 'us', width: 13, text: (slot) => signed(table.at(slot).clockOffsetMicros(), 0) },
      { ...count('messages', 'messages'), width: 12 },
      { title: 'now', unit: '/s', width: 8, text: (slot) => whole(paces.get(slot)?.rate ?? Number.NaN) },
      { title: 'heard', unit: 'MB', width: 9, text: (slot) => whole(table.at(slot).bytes() / 1e6) },
      { ...count('books', 'books'), width: 10 },
      { ...count('tickers', 'tickers'), width: 11 },
      count('trades', 'trades'),
      { ...count('good', 'good'), width: 12 },
      count('repaired', 'repaired'),
      count('malformed', 'malformed', true),
      count('quarantined', 'quarantined', true),
      count('dropped', 'dropped', true),
      count('stale books', 'outagesOpen', true),
      count('asked anew', 'resubscribed'),
    ],
    drawAlso() {
      for (let slot = 0; slot < table.count; slot++) {
        const messages = table.at(slot).messages();
        const at = table.times[slot]!;
        const before = paces.get(slot);
        if (before === undefined) paces.set(slot, { messages, at, rate: Number.NaN });
        else if (at > before.at)
          paces.set(slot, { messages, at, rate: ((messages - before.messages) * 1e6) / (at - before.at) });
      }
    },
  });
};
