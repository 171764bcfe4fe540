import { userTradeJson } from '../encode/trade.js';
import type { VenueFloor } from '../floor.js';
import { Slices } from '../rpc/result.js';
import { instrumentOf, sortingOf } from './choices.js';
import { accountOf, type Call } from './method.js';
import { orderOf } from './order-params.js';
import { COUNT, currencyFilter, type IsMeant, LOOKED_AT, MOST } from './own-pages.js';

const MOST_TIME = 1e15;

export function getTradesOfInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return userTrades(call, (other) => other === instrument);
}

export function getTradesOfCurrency(call: Call): Slices {
  return userTrades(call, currencyFilter(call));
}

function userTrades(call: Call, isMeant: IsMeant): Slices {
  const { venue, params } = call;
  const count = params.optionalInteger('count', 1, MOST) ?? COUNT;
  const from = params.optionalNumber('start_timestamp') ?? 0;
  const to = params.optionalNumber('end_timestamp') ?? MOST_TIME;
  const firstSeq = params.optionalNumber('start_seq') ?? 0;
  const lastSeq = params.optionalNumber('end_seq') ?? MOST_TIME;
  const sorting = sortingOf(params);
  const { trades } = venue.exchange;
  const isTrade = (slot: number): boolean => {
    const time = trades.time[slot]!;
    const sequence = trades.sequence[slot]!;
    const isIn = time >= from && time <= to && sequence >= firstSeq && sequence <= lastSeq;
    return isIn && isMeant(trades.instrument[slot]!);
  };
  return new Slices(
    tradesBack(
      venue,
      accountOf(call),
      count,
      sorting,
      isTrade,
      (list, more) => `{"trades":[${list}],"has_more":${more}}`,
    ),
  );
}

export function getTradesOfOrder(call: Call): Slices {
  const order = orderOf(call);
  const { trades } = call.venue.exchange;
  const isTrade = (slot: number): boolean => trades.takerOrder[slot] === order || trades.makerOrder[slot] === order;
  const sorting = sortingOf(call.params);
  return new Slices(tradesBack(call.venue, accountOf(call), MOST, sorting, isTrade, (list) => `[${list}]`));
}

function* tradesBack(
  venue: VenueFloor,
  account: number,
  count: number,
  sorting: 'asc' | 'desc',
  isMeant: (slot: number) => boolean,
  whole: (list: string, hasMore: boolean) => string,
): Generator<string> {
  const { trades } = venue.exchange;
  const found: string[] = [];
  let hasMore = false;
  let looked = 0;
  for (const id of venue.history.trades(account)) {
    const slot = trades.slotOf(id);
    if (slot >= 0 && isMeant(slot)) {
      hasMore = found.length === count;
      if (hasMore) break;
      found.push(userTradeJson(venue, slot, trades.takerAccount[slot] === account));
    }
    if (++looked % (LOOKED_AT / 4) === 0) yield '';
  }
  if (sorting === 'asc') found.reverse();
  yield whole(found.join(), hasMore);
}
