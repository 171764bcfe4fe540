/** The venue's names of refusals with their codes. */
export const errorCodes = {
  authorization_required: 10_000,
  error: 10_001,
  qty_too_low: 10_002,
  order_overlap: 10_003,
  order_not_found: 10_004,
  price_too_low: 10_005,
  price_too_low4idx: 10_006,
  price_too_high: 10_007,
  not_enough_funds: 10_009,
  already_closed: 10_010,
  price_not_allowed: 10_011,
  book_closed: 10_012,
  pme_max_total_open_orders: 10_013,
  locked_by_admin: 10_019,
  invalid_or_unsupported_instrument: 10_020,
  invalid_amount: 10_021,
  invalid_quantity: 10_022,
  invalid_price: 10_023,
  invalid_max_show: 10_024,
  invalid_order_id: 10_025,
  price_precision_exceeded: 10_026,
  non_integer_contract_amount: 10_027,
  too_many_requests: 10_028,
  not_owner_of_order: 10_029,
  must_be_websocket_request: 10_030,
  not_implemented: 10_033,
  retry: 10_040,
  settlement_in_progress: 10_041,
  price_wrong_tick: 10_043,
  can_not_edit_liquidation_order: 10_046,
  matching_engine_queue_full: 10_047,
  cancel_on_disconnect_failed: 10_049,
  too_many_concurrent_requests: 10_066,
  already_filled: 11_008,
  post_only_price_modification_not_possible: 11_021,
  invalid_arguments: 11_029,
  other_reject: 11_030,
  not_open_order: 11_044,
  unsupported_arg_combination: 11_047,
  bad_request: 11_050,
  system_maintenance: 11_051,
  subscribe_error_unsubscribed: 11_052,
  post_only_reject: 11_054,
  post_only_not_allowed: 11_055,
  internal_server_error: 11_094,
  invalid_credentials: 13_004,
  unauthorized: 13_009,
  not_found: 13_020,
  forbidden: 13_021,
  temporarily_unavailable: 13_028,
  mmp_trigger: 13_030,
  non_unique_order_label: 13_032,
  mmp_required: 13_040,
  cod_not_enabled: 13_042,
  quotes_frozen: 13_043,
  scope_exceeded: 13_403,
  request_cancelled_by_user: 13_666,
  replaced: 13_777,
  raw_subscriptions_not_available_for_unauthorized: 13_778,
  timed_out: 13_888,
  mass_quotes_disabled: 13_902,
  too_many_quotes: 13_903,
} as const;

export type ErrorName = keyof typeof errorCodes;

const names = new Map(Object.entries(errorCodes).map(([name, code]) => [code as number, name]));

/** The venue's name of a code. */
export function errorName(code: number): string {
  return names.get(code) ?? 'error';
}

/** Refusals by the protocol itself. */
export const RpcCode = { PARSE: -32_700, REQUEST: -32_600, METHOD: -32_601, PARAMS: -32_602 } as const;

/** A refusal that the client is told of. */
export class RefusedRequest extends Error {
  readonly code: number;
  /** What the answer says beside code and message. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: number, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** A refusal by the venue's rules; `limit` follows the name, as in `price_too_high 43666.4288`. */
export function refused(name: ErrorName, limit?: number): RefusedRequest {
  return new RefusedRequest(errorCodes[name], limit === undefined ? name : `${name} ${limit}`);
}

/** A parameter that is missing or of another form than documented. */
export function invalidParam(param: string, reason: string): RefusedRequest {
  return new RefusedRequest(RpcCode.PARAMS, 'Invalid params', { reason, param });
}
