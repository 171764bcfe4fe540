import { SettlementType } from '../../exchange/settlement.js';
import { rounded } from '../encode/number.js';
import { Slices } from '../rpc/result.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call, type Method } from './method.js';

const MOST = 1000;
const COUNT = 20;
const LOOKED_AT = 64;

/** What was settled and delivered, of an account and of the venue. */
export const settlementMethods: readonly Method[] = [
  {
    name: 'private/get_settlement_history_by_instrument',
    scope: 'trade:read',
    serve: (call) => settlements(call, accountOf(call), ofInstrument(call)),
  },
  {
    name: 'private/get_settlement_history_by_currency',
    scope: 'trade:read',
    serve: (call) => settlements(call, accountOf(call), ofCurrency(call)),
  },
  {
    name: 'public/get_last_settlements_by_instrument',
    serve: (call) => settlements(call, undefined, ofInstrument(call)),
  },
  {
    name: 'public/get_last_settlements_by_currency',
    serve: (call) => settlements(call, undefined, ofCurrency(call)),
  },
];

type IsMeant = (instrument: number) => boolean;

function ofInstrument(call: Call): IsMeant {
  const instrument = instrumentOf(call);
  return (other) => other === instrument;
}

function ofCurrency({ venue, params }: Call): IsMeant {
  const currency = venue.listing.currencyOf(params.text('currency'));
  return (instrument) => venue.listing.isOf(instrument, currency, undefined);
}

/** The newest settlements first; the continuation is the id of the next one. */
function settlements(call: Call, account: number | undefined, isMeant: IsMeant): Slices {
  const { params } = call;
  const count = params.optionalInteger('count', 1, MOST) ?? COUNT;
  const type = params.optionalChoice('type', ['settlement', 'delivery', 'bankruptcy']);
  const until = params.optionalNumber('search_start_timestamp') ?? Number.POSITIVE_INFINITY;
  const continuation = params.optionalText('continuation', 32);
  const from = continuation === undefined ? Number.POSITIVE_INFINITY : Number(continuation);
  return new Slices(back(call, account, { count, type, until, from }, isMeant));
}

interface Wanted {
  count: number;
  type: 'settlement' | 'delivery' | 'bankruptcy' | undefined;
  until: number;
  from: number;
}

function* back(call: Call, account: number | undefined, wanted: Wanted, isMeant: IsMeant): Generator<string> {
  const { venue } = call;
  const { settlements: log } = venue.exchange;
  const found: string[] = [];
  let next: number | undefined;
  const newest = Math.min(log.last, wanted.from);
  const oldest = Math.max(1, log.last - log.capacity + 1);
  for (let id = newest; id >= oldest; id--) {
    const slot = log.slotOf(id);
    const isType =
      wanted.type === undefined ||
      wanted.type === (log.type[slot] === SettlementType.SESSION ? 'settlement' : 'delivery');
    const isOwn = account === undefined || log.account[slot] === account;
    if (slot >= 0 && isType && isOwn && log.time[slot]! <= wanted.until && isMeant(log.instrument[slot]!)) {
      if (found.length === wanted.count) {
        next = id;
        break;
      }
      found.push(settlementJson(call, slot));
    }
    if (id % LOOKED_AT === 0) yield '';
  }
  const continuation = next === undefined ? 'none' : String(next);
  yield `{"settlements":[${found.join()}],"continuation":"${continuation}"}`;
}

function settlementJson({ venue }: Call, slot: number): string {
  const { settlements: log, instruments, accounts } = venue.exchange;
  const instrument = log.instrument[slot]!;
  const units = accounts.unitsPer[instruments.currency[instrument]!]!;
  const paid = rounded(log.paid[slot]! / units, 8);
  return JSON.stringify({
    type: log.type[slot] === SettlementType.SESSION ? 'settlement' : 'delivery',
    timestamp: venue.stamp(log.time[slot]!),
    instrument_name: instruments.definitions[instrument]!.name,
    position: instruments.amountOf(instrument, log.lots[slot]!),
    mark_price: log.price[slot]!,
    index_price: rounded(log.indexPrice[slot]!, 2),
    session_profit_loss: paid,
    profit_loss: paid,
    funding: rounded(log.funding[slot]! / units, 8),
  });
}
