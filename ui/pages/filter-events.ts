import type { FilterEvent } from '../../schemas/generated/filter-event.js';
import { age, clock, fixed, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import type { Tail } from '../store/tail.js';
import { filterCauses, filterMeasures, nameOf } from './codes.js';
import { measureText } from './filter-rules.js';
import type { PaneHost } from './page.js';

const ENDS = 2;

/** Events of the volatility filter, the newest first: of each its end where that has come, else its beginning. */
export function eventGrid(host: PaneHost, events: Tail<FilterEvent>): Grid {
  let places: number[] = [];
  let version = -1;
  const row = (place: number) => events.at(places[place]!);
  return new Grid(
    {
      prepare() {
        if (events.version === version) return;
        version = events.version;
        places = placesOf(events);
      },
      rows: () => places.length,
      columns: [
        { title: 'began', unit: 'UTC', width: 12, words: true, text: (place) => clock(row(place).since(), true) },
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (place) => host.markets.underlyingName(row(place).underlying()),
          tone: () => 'mark',
        },
        { title: 'rule', width: 4, text: (place) => `#${row(place).rule()}` },
        { title: 'measure', width: 13, words: true, text: (place) => nameOf(filterMeasures, row(place).measure()) },
        { title: 'cause', width: 8, words: true, text: (place) => nameOf(filterCauses, row(place).cause()) },
        {
          title: 'state',
          width: 9,
          words: true,
          text: (place) => (row(place).phase() === ENDS ? 'over' : 'under way'),
          tone: (place) => (row(place).phase() === ENDS ? 'dim' : 'down'),
        },
        { title: 'excess', width: 7, text: (place) => fixed(row(place).excess(), 2) },
        {
          title: 'lasted',
          width: 8,
          text: (place) => (row(place).phase() === ENDS ? age(row(place).duration()) : '-'),
        },
        { title: 'value', width: 8, text: (place) => measureText(row(place).measure(), row(place).value()) },
        { title: 'bound', width: 8, text: (place) => measureText(row(place).measure(), row(place).threshold()) },
        { title: 'bars', width: 6, text: (place) => whole(row(place).bars()) },
        { title: 'trades', width: 7, text: (place) => whole(row(place).trades()) },
        { title: 'log event', width: 12, text: (place) => whole(row(place).firstSeq()) },
      ],
    },
    'Events of the volatility filter',
  );
}

/** Places of the newest word about each event. */
function placesOf(events: Tail<FilterEvent>): number[] {
  const known = new Set<string>();
  const places: number[] = [];
  for (let place = 0; place < events.count; place++) {
    const event = events.at(place);
    const key = `${event.rule()} ${event.underlying()} ${event.since()}`;
    if (known.has(key)) continue;
    known.add(key);
    places.push(place);
  }
  return places;
}
