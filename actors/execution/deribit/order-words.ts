// The words by which Deribit describes an order, and our codes for them.
import { CancelReason, TimeInForce, VenueOrderState } from '../../../engine/market/orders/codes.js';

/** `order_state` */
export const orderStates: Readonly<Record<string, number>> = {
  open: VenueOrderState.OPEN,
  filled: VenueOrderState.FILLED,
  cancelled: VenueOrderState.CANCELLED,
  rejected: VenueOrderState.REJECTED,
  untriggered: VenueOrderState.UNTRIGGERED,
  triggered: VenueOrderState.OPEN,
};

/** `cancel_reason` */
export const cancelReasons: Readonly<Record<string, number>> = {
  user_request: CancelReason.ASKED,
  cancel_on_disconnect: CancelReason.DISCONNECTED,
  mmp_trigger: CancelReason.MMP,
  mmp_config_curtailment: CancelReason.MMP_CONFIG,
  autoliquidation: CancelReason.LIQUIDATION,
  position_locked: CancelReason.POSITION_LOCKED,
  edit_post_only_reject: CancelReason.POST_ONLY,
  settlement: CancelReason.INSTRUMENT_GONE,
};

/** `time_in_force` */
export const timesInForce: Readonly<Record<string, number>> = {
  good_til_cancelled: TimeInForce.UNTIL_CANCELLED,
  good_til_day: TimeInForce.DAY,
  immediate_or_cancel: TimeInForce.IMMEDIATE_OR_CANCEL,
  fill_or_kill: TimeInForce.FILL_OR_KILL,
};
