import { InstrumentKind } from '../../../../engine/market/instrument.js';
import { RequestKind } from '../../chaos/chaos.js';
import { OrderFlag } from '../../exchange/codes.js';
import { orderJson } from '../encode/order.js';
import { invalidParam } from '../rpc/errors.js';
import { GO_ON, Slices } from '../rpc/result.js';
import type { TriggerOrder } from '../triggers.js';
import { instrumentOf, kindOf, kinds } from './choices.js';
import { accountOf, type Call, type Method } from './method.js';

const MOST_CURRENCIES = 16;
const orderKinds = ['all', 'limit', 'trigger_all', 'stop', 'take', 'trailing_stop'] as const;
/** Orders taken away before others are served: each of them is a turn's work. */
const PER_PIECE = 8;
/** Orders looked at in one turn. */
const LOOKED_AT = 128;

const common = { scope: 'trade:read_write', kind: RequestKind.CANCEL } as const;

/** Taking many orders away at once. */
export const cancelMethods: readonly Method[] = [
  {
    ...common,
    name: 'private/cancel_all',
    pool: 'cancelAll',
    serve: (call) =>
      cancelling(
        call,
        () => true,
        () => true,
      ),
  },
  { ...common, name: 'private/cancel_all_by_instrument', pool: 'cancelAll', serve: byInstrument },
  { ...common, name: 'private/cancel_all_by_currency', pool: 'cancelAll', serve: byCurrency },
  { ...common, name: 'private/cancel_all_by_kind_or_type', pool: 'cancelAll', serve: byKind },
  { ...common, name: 'private/cancel_all_by_currency_pair', pool: 'cancelAll', serve: byPair },
  { ...common, name: 'private/cancel_by_label', pool: 'matching', serve: byLabel },
  { ...common, name: 'private/cancel_quotes', pool: 'cancelAll', serve: quotes },
];

type IsMeant = (slot: number) => boolean;
type IsWaitingMeant = (order: TriggerOrder) => boolean;

function byInstrument(call: Call): Slices {
  const instrument = instrumentOf(call);
  return ofType(call, (other) => other === instrument);
}

function byCurrency(call: Call): Slices {
  const currency = call.venue.listing.currencyOf(call.params.text('currency'));
  return ofKind(call, (instrument, kind) => call.venue.listing.isOf(instrument, currency, kind));
}

function byKind(call: Call): Slices {
  const { venue, params } = call;
  const currencies = params.textOrTexts('currency', MOST_CURRENCIES).map((name) => venue.listing.currencyOf(name));
  return ofKind(call, (instrument, kind) =>
    currencies.some((currency) => venue.listing.isOf(instrument, currency, kind)),
  );
}

function byPair(call: Call): Slices {
  const { venue, params } = call;
  const index = venue.listing.indexOf(params.text('currency_pair'));
  const { instruments } = venue.exchange;
  return ofKind(
    call,
    (instrument, kind) => instruments.index[instrument] === index && venue.listing.isOf(instrument, undefined, kind),
  );
}

function ofKind(call: Call, isMeant: (instrument: number, kind: string | undefined) => boolean): Slices {
  const kind = kindOf(call.params.optionalChoice('kind', kinds));
  return ofType(call, (instrument) => isMeant(instrument, kind));
}

/** Orders that rest are limit orders; the others wait for a trigger. */
function ofType(call: Call, isMeant: (instrument: number) => boolean): Slices {
  const type = call.params.optionalChoice('type', orderKinds) ?? 'all';
  const { orders } = call.venue.exchange;
  const rests = type === 'all' || type === 'limit';
  return cancelling(
    call,
    (slot) => rests && isMeant(orders.instrument[slot]!),
    (waiting) =>
      isMeant(waiting.order.instrument) &&
      (type === 'all' || type === 'trigger_all' || waiting.type === type || waiting.type.startsWith(`${type}_`)),
  );
}

function byLabel(call: Call): Slices {
  const { venue, params } = call;
  const label = params.text('label', 64);
  const currency = params.has('currency') ? venue.listing.currencyOf(params.text('currency')) : undefined;
  const { orders } = venue.exchange;
  return cancelling(
    call,
    (slot) => venue.labels.label(slot) === label && venue.listing.isOf(orders.instrument[slot]!, currency, undefined),
    ({ order }) => order.label === label && venue.listing.isOf(order.instrument, currency, undefined),
  );
}

function quotes(call: Call): Slices {
  const { venue } = call;
  const { orders } = venue.exchange;
  const isMeant = quoteFilter(call);
  return cancelling(
    call,
    (slot) => (orders.flags[slot]! & OrderFlag.QUOTE) !== 0 && isMeant(slot),
    () => false,
  );
}

function quoteFilter(call: Call): IsMeant {
  const { venue, params } = call;
  const { orders, instruments } = venue.exchange;
  const about =
    (isMeant: (instrument: number) => boolean): IsMeant =>
    (slot) =>
      isMeant(orders.instrument[slot]!);
  const type = params.choice('cancel_type', [
    'delta',
    'quote_set_id',
    'instrument',
    'instrument_kind',
    'currency',
    'currency_pair',
    'all',
  ]);
  switch (type) {
    case 'delta': {
      const least = params.number('min_delta');
      const most = params.number('max_delta');
      if (least > most) throw invalidParam('min_delta', 'must not be greater than max_delta');
      return about((instrument) => {
        if (instruments.kind[instrument] !== InstrumentKind.OPTION) return false;
        const delta = instruments.delta(instrument, venue.exchange.now);
        return delta >= least && delta <= most;
      });
    }
    case 'quote_set_id': {
      const set = params.text('quote_set_id');
      return (slot) => venue.labels.quoteSet(slot) === set;
    }
    case 'instrument': {
      const wanted = instrumentOf(call);
      return about((instrument) => instrument === wanted);
    }
    case 'instrument_kind': {
      const kind = kindOf(params.choice('kind', kinds));
      const currency = params.has('currency') ? venue.listing.currencyOf(params.text('currency')) : undefined;
      return about((instrument) => venue.listing.isOf(instrument, currency, kind));
    }
    case 'currency': {
      const currency = venue.listing.currencyOf(params.text('currency'));
      return about((instrument) => venue.listing.isOf(instrument, currency, undefined));
    }
    case 'currency_pair': {
      const index = venue.listing.indexOf(params.text('currency_pair'));
      return about((instrument) => instruments.index[instrument] === index);
    }
    default:
      return () => true;
  }
}

/** Cancels what is meant, some in each turn; the result is their number, or their list where `detailed`. */
function cancelling(call: Call, isMeant: IsMeant, isWaitingMeant: IsWaitingMeant): Slices {
  const account = accountOf(call);
  const isDetailed = call.params.flag('detailed');
  if (call.params.flag('freeze_quotes')) call.venue.exchange.freezeQuotes(account);
  return new Slices(cancels(call, account, isMeant, isWaitingMeant, isDetailed));
}

function* cancels(
  call: Call,
  account: number,
  isMeant: IsMeant,
  isWaitingMeant: IsWaitingMeant,
  isDetailed: boolean,
): Generator<string> {
  const { exchange, triggers } = call.venue;
  const { orders } = exchange;
  const ids: number[] = [];
  let looked = 0;
  for (const slot of call.venue.openOrders(account)) {
    if (isMeant(slot)) ids.push(orders.id[slot]!);
    if (++looked % LOOKED_AT === 0) yield GO_ON;
  }
  const cancelled: string[] = [];
  let count = 0;
  // They are few, and to take one away is quick.
  for (const waiting of triggers.open(account).filter(isWaitingMeant)) {
    triggers.cancel(waiting, 'user_request');
    count++;
    if (isDetailed) cancelled.push(triggers.json(waiting));
  }
  for (const [index, id] of ids.entries()) {
    // It may have been filled in an earlier turn.
    if (exchange.cancel(account, id) >= 0) {
      count++;
      if (isDetailed) cancelled.push(orderJson(call.venue, orders.slotOf(id)));
    }
    yield (index + 1) % PER_PIECE === 0 ? '' : GO_ON;
  }
  yield isDetailed ? `[${cancelled.join()}]` : String(count);
}
