import { InstrumentKind } from '../../../../engine/market/instrument.js';
import { OrderFlag, OrderType, TimeInForce } from '../../exchange/codes.js';
import { type AdvancedKind, advancedKinds } from '../advanced.js';
import type { AskedOrder } from '../linked.js';
import { refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import { MOST_TRIGGERS, type TriggerType, triggerSources, triggerTypes } from '../triggers.js';
import { accountOf, type Call } from './method.js';
import { flagsOf, lotsOf, missing, positive, shownOf, ticksOf } from './order-params.js';

export const LONGEST_LABEL = 64;

const orderTypes = ['limit', 'market', 'market_limit', ...triggerTypes] as const;

/** What each type is once it is on the exchange. */
const typeCodes: Record<(typeof orderTypes)[number], number> = {
  limit: OrderType.LIMIT,
  market: OrderType.MARKET,
  market_limit: OrderType.MARKET_LIMIT,
  stop_limit: OrderType.LIMIT,
  take_limit: OrderType.LIMIT,
  stop_market: OrderType.MARKET,
  take_market: OrderType.MARKET,
  trailing_stop: OrderType.MARKET,
};

const timeCodes = {
  good_til_cancelled: TimeInForce.GOOD_TIL_CANCELLED,
  good_til_day: TimeInForce.GOOD_TIL_DAY,
  immediate_or_cancel: TimeInForce.IMMEDIATE_OR_CANCEL,
  fill_or_kill: TimeInForce.FILL_OR_KILL,
} as const;

const timesInForce = Object.keys(timeCodes) as (keyof typeof timeCodes)[];

const TRIGGER_PARAMS = ['trigger', 'trigger_price', 'trigger_offset'] as const;

/** An order as it is described by the request itself, or by one of its `otoco_config`. */
export function readOrder(
  call: Call,
  params: Params,
  instrument: number,
  side: number,
  otherLots?: number,
): AskedOrder {
  const { venue } = call;
  const type = params.optionalChoice('type', orderTypes) ?? 'limit';
  const code = typeCodes[type];
  const trigger = triggerTypes.find((one) => one === type);
  if (trigger === undefined) {
    for (const name of TRIGGER_PARAMS) if (params.has(name)) throw refused('unsupported_arg_combination');
  }
  const lots = lotsOf(venue, params, instrument) ?? otherLots ?? missing('amount');
  const advanced = advancedOf(call, params, instrument, code, trigger);
  const ticks =
    advanced === undefined ? ticksOf(venue, params, instrument) : advancedTicks(call, instrument, side, advanced);
  if (code === OrderType.LIMIT && ticks === undefined) throw missing('price');
  const timeInForce = timeCodes[params.optionalChoice('time_in_force', timesInForce) ?? 'good_til_cancelled'];
  const label = params.optionalText('label', LONGEST_LABEL) ?? '';
  const flags = flagsOf(params, 0) ?? 0;
  const shown = shownOf(venue, params, instrument, lots) ?? 0;
  const order = { instrument, side, type: code, ticks: ticks ?? 0, lots, timeInForce, flags, label, shown };
  if (trigger === undefined) return { order, type, source: undefined, price: Number.NaN, offset: Number.NaN };
  const source = params.choice('trigger', triggerSources);
  const isTrailing = type === 'trailing_stop';
  const offset = isTrailing ? positive(params, 'trigger_offset') : Number.NaN;
  const price = isTrailing ? Number.NaN : positive(params, 'trigger_price');
  return { order, type, source, price, offset };
}

/** The kind of a price that is not one in coin; undefined for one that is. */
export function advancedOf(
  { venue }: Call,
  params: Params,
  instrument: number,
  type: number,
  trigger: TriggerType | undefined,
): AdvancedKind | undefined {
  const kind = params.optionalChoice('advanced', advancedKinds);
  if (kind === undefined) return undefined;
  const { instruments } = venue.exchange;
  const isOption = instruments.kind[instrument] === InstrumentKind.OPTION && instruments.inverse[instrument] === 1;
  const isPlain = type === OrderType.LIMIT && trigger === undefined && !params.flag('post_only');
  if (!isOption || !isPlain) throw refused('unsupported_arg_combination');
  return kind;
}

/** The ticks that a price in USD or in volatility means now. */
export function advancedTicks({ venue, params }: Call, instrument: number, side: number, kind: AdvancedKind): number {
  const ticks = venue.advanced.ticksOf(instrument, side, kind, params.number('price'));
  if (Number.isNaN(ticks)) throw refused('invalid_price');
  return ticks;
}

/** Throws where an order cannot wait for its trigger. */
export function checkTrigger({ venue }: Call, { order, type, source, price }: AskedOrder): void {
  const { PERPETUAL, FUTURE } = InstrumentKind;
  const { kind } = venue.exchange.instruments;
  const isFuture = kind[order.instrument] === PERPETUAL || kind[order.instrument] === FUTURE;
  // What rests in a group of quotes, or in combinations, waits for no trigger.
  if (!isFuture && kind[order.instrument] !== InstrumentKind.OPTION) throw refused('unsupported_arg_combination');
  if ((order.flags & OrderFlag.MMP) !== 0) throw refused('unsupported_arg_combination');
  if (order.lots < 1) throw refused('qty_too_low');
  // A trailing stop has no price yet: it is never reached at once.
  if (venue.triggers.isReached({ type, source, order, price })) throw refused('price_not_allowed');
}

/** Throws where an account has no room for so many more orders that wait. */
export function checkRoom(call: Call, more: number): void {
  if (call.venue.triggers.open(accountOf(call)).length + more > MOST_TRIGGERS) {
    throw refused('pme_max_total_open_orders');
  }
}
