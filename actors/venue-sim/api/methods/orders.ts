import { RequestKind } from '../../chaos/chaos.js';
import { OrderFlag, OrderType, Side, TimeInForce } from '../../exchange/codes.js';
import { type AdvancedKind, advancedKinds } from '../advanced.js';
import {
  type AskedOrder,
  fillConditions,
  type LinkedType,
  linkedTypes,
  MOST_SECONDARIES,
  type Owner,
} from '../linked.js';
import { invalidParam, refused } from '../rpc/errors.js';
import { Continued, type Prepared } from '../rpc/result.js';
import { checkRoom, checkTrigger, readOrder } from './asked-order.js';
import { instrumentOf } from './choices.js';
import { accountOf, type Call, type Method } from './method.js';
import { made } from './order-answer.js';
import { cancel, edit, editByLabel } from './order-changes.js';
import { missing, ticksOf, validUntil } from './order-params.js';

/** What only linked orders have. */
const LINK_PARAMS = ['otoco_config', 'trigger_fill_condition'] as const;

/** Making and changing orders. */
export const orderMethods: readonly Method[] = [
  {
    name: 'private/buy',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: (call) => place(call, Side.BUY),
  },
  {
    name: 'private/sell',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: (call) => place(call, Side.SELL),
  },
  { name: 'private/edit', scope: 'trade:read_write', pool: 'matching', kind: RequestKind.EDIT, serve: edit },
  {
    name: 'private/edit_by_label',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.EDIT,
    serve: editByLabel,
  },
  {
    name: 'private/close_position',
    scope: 'trade:read_write',
    pool: 'matching',
    kind: RequestKind.ORDER,
    serve: closePosition,
  },
  { name: 'private/cancel', scope: 'trade:read_write', pool: 'matching', kind: RequestKind.CANCEL, serve: cancel },
];

function place(call: Call, side: number): Prepared | Continued {
  const { params, venue } = call;
  const instrument = instrumentOf(call);
  const asked = readOrder(call, params, instrument, side);
  const linked = params.optionalChoice('linked_order_type', linkedTypes);
  if (linked !== undefined) return placeLinked(call, linked, asked);
  for (const name of LINK_PARAMS) if (params.has(name)) throw refused('unsupported_arg_combination');
  if (asked.source === undefined) {
    const advanced = params.optionalChoice('advanced', advancedKinds);
    return new Continued(() => submit(call, asked, advanced));
  }
  if (venue.exchange.now >= validUntil(call)) throw refused('timed_out');
  checkTrigger(call, asked);
  checkRoom(call, 1);
  return made(call, asked, venue.linked.put(ownerOf(call), asked, ''), 0);
}

/** Places an order with those that it triggers, or that cancel it and are cancelled by it. */
function placeLinked(call: Call, linked: LinkedType, first: AskedOrder): Prepared | Continued {
  const { venue, params } = call;
  if (params.has('advanced') || (first.order.flags & OrderFlag.MMP) !== 0) throw refused('unsupported_arg_combination');
  const condition = params.optionalChoice('trigger_fill_condition', fillConditions) ?? 'first_hit';
  const items = params.items('otoco_config', MOST_SECONDARIES);
  const count = linked === 'one_triggers_other' ? Math.max(1, items.length) : linked === 'one_cancels_other' ? 1 : 2;
  if (items.length !== count) throw invalidParam('otoco_config', `must have ${count} items`);
  const others = items.map((item) => {
    const side = item.choice('direction', ['buy', 'sell']) === 'buy' ? Side.BUY : Side.SELL;
    if (item.has('advanced') || item.has('mmp')) throw refused('unsupported_arg_combination');
    return readOrder(call, item, first.order.instrument, side, first.order.lots);
  });
  if (venue.exchange.now >= validUntil(call)) throw refused('timed_out');
  for (const asked of [first, ...others]) {
    if (asked.order.lots < 1) throw refused('qty_too_low');
    // Those that wait for another order meet other prices when their time comes.
    const isFirst = asked === first || linked === 'one_cancels_other';
    if (asked.source !== undefined && isFirst) checkTrigger(call, asked);
  }
  checkRoom(call, items.length + 1);
  const lastTrade = venue.exchange.trades.last;
  const answer = venue.linked.place(ownerOf(call), linked, condition, first, others, validUntil(call));
  return made(call, first, answer, lastTrade);
}

function ownerOf(call: Call): Owner {
  return { account: accountOf(call), connection: call.connection?.number ?? 0 };
}

function submit(call: Call, asked: AskedOrder, advanced?: AdvancedKind): Prepared | Continued {
  const { venue, params } = call;
  const lastTrade = venue.exchange.trades.last;
  const answer = venue.linked.put(ownerOf(call), asked, '', validUntil(call));
  if (typeof answer === 'number' && answer > 0 && advanced !== undefined) {
    venue.advanced.keep(answer, accountOf(call), advanced, params.number('price'));
  }
  return made(call, asked, answer, lastTrade);
}

function closePosition(call: Call): Prepared | Continued {
  const { venue, params } = call;
  const instrument = instrumentOf(call);
  const isLimit = params.choice('type', ['limit', 'market']) === 'limit';
  const { positions } = venue.exchange;
  const record = positions.recordOf(accountOf(call), instrument);
  const held = record < 0 ? 0 : positions.lots[record]!;
  if (held === 0) throw refused('already_closed');
  const ticks = isLimit ? (ticksOf(venue, params, instrument) ?? missing('price')) : 0;
  const order = {
    instrument,
    side: held > 0 ? Side.SELL : Side.BUY,
    type: isLimit ? OrderType.LIMIT : OrderType.MARKET,
    ticks,
    lots: Math.abs(held),
    timeInForce: TimeInForce.GOOD_TIL_CANCELLED,
    flags: OrderFlag.REDUCE_ONLY,
    label: '',
    shown: 0,
  };
  const type = isLimit ? 'limit' : 'market';
  return submit(call, { order, type, source: undefined, price: Number.NaN, offset: Number.NaN });
}
