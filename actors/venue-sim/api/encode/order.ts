import { CancelReason, OrderFlag, OrderState, OrderType, Side, TimeInForce } from '../../exchange/codes.js';
import type { VenueFloor } from '../floor.js';
import { flagFields } from './flags.js';
import { idText } from './ids.js';
import { rounded } from './number.js';

export const sideNames = { [Side.BUY]: 'buy', [Side.SELL]: 'sell' } as const;

const stateNames: Record<number, string> = {
  [OrderState.OPEN]: 'open',
  [OrderState.FILLED]: 'filled',
  [OrderState.REJECTED]: 'rejected',
  [OrderState.CANCELLED]: 'cancelled',
  // Behind a speed bump: the venue shows it as open.
  [OrderState.WAITING]: 'open',
};

const typeNames: Record<number, string> = {
  [OrderType.LIMIT]: 'limit',
  [OrderType.MARKET]: 'market',
  [OrderType.MARKET_LIMIT]: 'limit',
};

export const timeInForceNames: Record<number, string> = {
  [TimeInForce.GOOD_TIL_CANCELLED]: 'good_til_cancelled',
  [TimeInForce.GOOD_TIL_DAY]: 'good_til_day',
  [TimeInForce.IMMEDIATE_OR_CANCEL]: 'immediate_or_cancel',
  [TimeInForce.FILL_OR_KILL]: 'fill_or_kill',
};

const reasonNames: Record<number, string> = {
  [CancelReason.USER_REQUEST]: 'user_request',
  [CancelReason.CANCEL_ON_DISCONNECT]: 'cancel_on_disconnect',
  [CancelReason.MMP_TRIGGER]: 'mmp_trigger',
  [CancelReason.MMP_CONFIG_CURTAILMENT]: 'mmp_config_curtailment',
  [CancelReason.AUTOLIQUIDATION]: 'autoliquidation',
  [CancelReason.POSITION_LOCKED]: 'position_locked',
  [CancelReason.EDIT_POST_ONLY_REJECT]: 'edit_post_only_reject',
  [CancelReason.SETTLEMENT]: 'settlement',
  [CancelReason.RISK_MITIGATION]: 'risk_mitigation',
  [CancelReason.QUOTE_ERROR]: 'user_request',
  [CancelReason.OCO_OTHER_CLOSED]: 'oco_other_closed',
};

/** State of an order in the venue's words. */
export function orderStateName(state: number): string {
  return stateNames[state] ?? 'open';
}

/** Why an order was cancelled in the venue's words; undefined where it says none. */
export function cancelReasonName(reason: number): string | undefined {
  return reasonNames[reason];
}

/** Type of an order in the venue's words. */
export function orderTypeName(type: number): string {
  return typeNames[type] ?? 'limit';
}

/** What an iceberg shows, and as much as it shows anew each time. */
function shownFields(venue: VenueFloor, slot: number): string {
  const { orders, instruments } = venue.exchange;
  const refresh = orders.refreshLots[slot]!;
  if (refresh === 0) return '';
  const instrument = orders.instrument[slot]!;
  const shown =
    orders.level[slot]! < 0 ? Math.min(orders.lots[slot]!, refresh) : orders.lots[slot]! - orders.hiddenLots[slot]!;
  return `,"display_amount":${instruments.amountOf(instrument, shown)},"refresh_amount":${instruments.amountOf(instrument, refresh)}`;
}

/** The venue's picture of an order as JSON: made by hand, because every event of an order needs one. */
export function orderJson(venue: VenueFloor, slot: number): string {
  const { orders, instruments } = venue.exchange;
  const instrument = orders.instrument[slot]!;
  const definition = instruments.definitions[instrument]!;
  const flags = orders.flags[slot]!;
  const filledLots = orders.filledLots[slot]!;
  const amount = instruments.amountOf(instrument, orders.lots[slot]! + filledLots);
  const filled = instruments.amountOf(instrument, filledLots);
  const average = filledLots === 0 ? 0 : (orders.filledTicks[slot]! / filledLots) * instruments.tickSize[instrument]!;
  const type = orders.type[slot]!;
  const state = orders.state[slot]!;
  const reason = state === OrderState.CANCELLED ? cancelReasonName(orders.cancelReason[slot]!) : undefined;
  const isQuote = (flags & OrderFlag.QUOTE) !== 0;
  return (
    `{"web":false,"api":true,"user_id":${orders.account[slot]!}` +
    `,"order_id":"${idText(definition.settlementCurrency, orders.id[slot]!, venue.idsFrom)}"` +
    `,"instrument_name":"${definition.name}","direction":"${orders.side[slot] === Side.BUY ? 'buy' : 'sell'}"` +
    `,"price":${instruments.priceOf(instrument, orders.ticks[slot]!)},"amount":${amount},"contracts":${rounded(amount / definition.contractSize, 8)}` +
    `,"filled_amount":${filled},"average_price":${rounded(average, 8)}` +
    `,"order_state":"${orderStateName(state)}","order_type":"${orderTypeName(type)}"` +
    (type === OrderType.MARKET_LIMIT ? ',"original_order_type":"market_limit"' : '') +
    `,"time_in_force":"${timeInForceNames[orders.timeInForce[slot]!]}"` +
    flagFields(flags) +
    shownFields(venue, slot) +
    venue.labels.links(slot) +
    venue.advanced.fields(orders.id[slot]!) +
    ((flags & OrderFlag.MMP_CANCELLED) === 0 ? '' : ',"mmp_cancelled":true') +
    `,"replaced":${(flags & OrderFlag.REPLACED) !== 0},"is_liquidation":${(flags & OrderFlag.LIQUIDATION) !== 0}` +
    `,"risk_reducing":false,"label":${venue.labels.json(slot)}` +
    (isQuote ? venue.labels.quoteFields(slot, orders.group[slot]!) : '') +
    (reason === undefined ? '' : `,"cancel_reason":"${reason}"`) +
    `,"creation_timestamp":${venue.stamp(orders.createdAt[slot]!)},"last_update_timestamp":${venue.stamp(orders.changedAt[slot]!)}}`
  );
}
