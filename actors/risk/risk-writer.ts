import { NO_INSTRUMENT, NO_UNDERLYING, OrderAction, OrderFlag, Scope, Side } from '../../engine/market/orders/codes.js';
import { LIMIT_NAMES } from '../../engine/market/risk/limits.js';
import { PROTECTED, REST, REST_FIELDS } from '../../engine/market/risk/resting-book.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { WORST_FIELDS, WORST_LOSS, WORST_SPOT, WORST_VOL } from '../../engine/market/risk/scenario-scan.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { structOffset } from '../../schemas/field-offset.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { CommandFault } from '../../schemas/generated/command-fault.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Approval } from './approval.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory, ROUNDS, SCALAR } from './risk-memory.js';

const REFUSED_ORDER = structOffset(Refusal, 'order');
/** Requests of risk's own are counted from here, so that they are never those of an intent. */
const OWN_REQUESTS = 0x8000;
/** Vega is counted per 1.00 of volatility, and protected per point. */
const POINT = 0.01;
const WORST_SHOWN = 0;
const STATES_SHOWN = 1;

/** Writes what risk says: approved orders, refusals, and its own states, limits and cancels. */
export class RiskWriter {
  static readonly LARGEST = Math.max(
    Refusal.sizeOf(),
    ApprovedOrder.sizeOf(),
    LimitState.sizeOf(),
    RiskState.sizeOf(),
    CommandFault.sizeOf(),
    WorstCase.sizeOf(),
  );
  private readonly context: CoreContext<unknown>;
  private readonly memory: RiskMemory;
  private readonly approval: Approval;
  private readonly refusal = new Refusal();
  private readonly worst = new WorstCase();
  private readonly state = new RiskState();
  private readonly limit = new LimitState();
  private readonly own = new OrderIntent();
  /** Where an intent of risk's own is put together before it is approved. */
  private readonly ownBuffer: ViewBuffer;
  private ownRequests = 0;

  constructor(context: CoreContext<unknown>, memory: RiskMemory, ownBuffer: ViewBuffer) {
    this.context = context;
    this.memory = memory;
    this.approval = new Approval(context.out);
    this.ownBuffer = ownBuffer;
  }

  endOfEvent(): void {
    this.ownRequests = 0;
  }

  approve(buffer: ViewBuffer, body: number): void {
    this.approval.approve(buffer, body);
    this.memory.scalars[SCALAR.APPROVED]! += 1;
  }

  refuse(
    buffer: ViewBuffer,
    body: number,
    code: number,
    scope: number,
    found: Float64Array,
    limit: Float64Array,
  ): void {
    const { refusal } = this;
    const { out } = this.context;
    const at = out.emit(MessageType.REFUSAL, Refusal.sizeOf());
    refusal.__init(at, out.buffer);
    refusal.mutate_code(code);
    refusal.mutate_scope(scope);
    out.buffer.writeFloat64(at + 8, limit[0]!);
    out.buffer.writeFloat64(at + 16, found[0]!);
    copyBody(buffer, body, out.buffer, at + REFUSED_ORDER, ApprovedOrder.sizeOf());
    this.memory.scalars[SCALAR.REFUSED]! += 1;
  }

  /** A mass cancel of risk's own: what rests in a scope must go. */
  cancel(scope: number, underlying: number, instrument: number, ordersToo: boolean): void {
    const { own, ownBuffer, memory } = this;
    for (let byte = 0; byte < OrderIntent.sizeOf(); byte += 4) ownBuffer.view.setInt32(byte, 0, true);
    own.__init(0, ownBuffer);
    own.mutate_action(OrderAction.MASS_CANCEL);
    own.mutate_scope(scope);
    own.mutate_instrument(scope === Scope.INSTRUMENT ? instrument : NO_INSTRUMENT);
    own.mutate_underlying(scope === Scope.UNDERLYING ? underlying : NO_UNDERLYING);
    own.mutate_side(Side.BOTH);
    own.mutate_flags(ordersToo ? OrderFlag.ORDERS_TOO : 0);
    own.mutate_run(memory.scalars[SCALAR.RUN]!);
    own.mutate_orderSeq(this.context.event.seq);
    own.mutate_requestIndex(OWN_REQUESTS + this.ownRequests);
    own.mutate_index(OWN_REQUESTS + this.ownRequests);
    own.mutate_price(Number.NaN);
    own.mutate_validUntil(Number.NaN);
    own.mutate_minDelta(Number.NaN);
    own.mutate_maxDelta(Number.NaN);
    this.ownRequests++;
    this.approve(ownBuffer, 0);
  }

  tellState(
    scope: number,
    key: number,
    expiry: number,
    mode: number,
    before: number,
    cause: number,
    user: number,
  ): RiskState {
    const { out } = this.context;
    const body = out.emit(MessageType.RISK_STATE, RiskState.sizeOf());
    const told = this.state.__init(body, out.buffer);
    told.mutate_scope(scope);
    told.mutate_key(key);
    told.mutate_state(mode);
    told.mutate_previous(before);
    told.mutate_cause(cause);
    told.mutate_user(user);
    told.mutate_expiry(scope === StateScope.EXPIRY ? expiry : 0);
    told.mutate_armed(this.memory.flags[FLAG.DISARMED] === 1 ? 0 : 1);
    return told;
  }

  /** Everything's state is shown to people; call when it has been written whole. */
  showState(place: number): void {
    const { out } = this.context;
    this.show(STATES_SHOWN, place, MessageType.RISK_STATE, this.state.bb_pos, RiskState.sizeOf(), out.buffer);
  }

  tellLimit(place: number, outcome: number, previous: number, user: number): void {
    const { context, memory, limit } = this;
    const { out } = context;
    limit.__init(out.emit(MessageType.LIMIT_STATE, LimitState.sizeOf()), out.buffer);
    limit.mutate_limit(place);
    limit.mutate_outcome(outcome);
    limit.mutate_value(place < LIMIT_NAMES.length ? memory.limits[place]! : 0);
    limit.mutate_previous(previous);
    limit.mutate_version(memory.scalars[SCALAR.LIMIT_VERSION]!);
    limit.mutate_user(user);
    limit.mutate_time(context.event.time);
  }

  /** A command that changed nothing; `said` holds the whole struct. */
  tellFault(said: ViewBuffer): void {
    const { out } = this.context;
    const body = out.emit(MessageType.COMMAND_FAULT, CommandFault.sizeOf());
    copyBody(said, 0, out.buffer, body, CommandFault.sizeOf());
  }

  tellWorst(underlying: number): void {
    const { context, memory, worst } = this;
    const { out } = context;
    const body = out.emit(MessageType.WORST_CASE, WorstCase.sizeOf());
    worst.__init(body, out.buffer);
    const held = memory.ofUnderlying;
    const base = underlying * BASE_FIELDS;
    const sums = memory.resting.ofUnderlying;
    const row = underlying * REST_FIELDS;
    const all = (sum: number): number => sums[row + sum]! + sums[row + PROTECTED + sum]!;
    // As the checks count: of quotes no more can be filled than the venue's market maker protection lets through.
    const through = (sum: number, cap: number): number =>
      sums[row + sum]! + Math.max(-cap, Math.min(cap, sums[row + PROTECTED + sum]!));
    const { deltaUsd, vega } = memory.config.venueProtection;
    const index = held[base + BASE.INDEX]!;
    const deltaCap = (ROUNDS * deltaUsd) / (index > 0 ? index : 1);
    const vegaCap = (ROUNDS * vega) / POINT;
    worst.mutate_underlying(underlying);
    worst.mutate_orders(memory.flags[FLAG.OPEN_ORDERS]!);
    worst.mutate_deltaUp(held[base + BASE.DELTA]! + through(REST.DELTA_UP, deltaCap));
    worst.mutate_deltaDown(held[base + BASE.DELTA]! + through(REST.DELTA_DOWN, deltaCap));
    worst.mutate_vegaUp(held[base + BASE.VEGA]! + through(REST.VEGA_UP, vegaCap));
    worst.mutate_vegaDown(held[base + BASE.VEGA]! + through(REST.VEGA_DOWN, vegaCap));
    worst.mutate_gammaDown(held[base + BASE.GAMMA]! + all(REST.GAMMA_DOWN));
    worst.mutate_shortUp(held[base + BASE.SHORT]! + all(REST.SHORT_UP));
    worst.mutate_delta(held[base + BASE.DELTA]!);
    worst.mutate_vega(held[base + BASE.VEGA]!);
    worst.mutate_gamma(held[base + BASE.GAMMA]!);
    worst.mutate_index(index);
    const scenario = underlying * WORST_FIELDS;
    worst.mutate_scenarioLoss(memory.scenarios.worst[scenario + WORST_LOSS]!);
    worst.mutate_scenarioMove(memory.scenarios.worst[scenario + WORST_SPOT]!);
    worst.mutate_scenarioVol(memory.scenarios.worst[scenario + WORST_VOL]!);
    worst.mutate_refused(memory.scalars[SCALAR.REFUSED]!);
    worst.mutate_approved(memory.scalars[SCALAR.APPROVED]!);
    worst.mutate_marginUse(memory.scalars[SCALAR.MARGIN_USE]!);
    this.show(WORST_SHOWN, underlying, MessageType.WORST_CASE, body, WorstCase.sizeOf(), out.buffer);
  }

  private show(edge: number, key: number, type: number, body: number, bytes: number, buffer: ViewBuffer): void {
    const shown: LatestWriter | undefined = this.context.shown[edge];
    if (shown === undefined) return;
    copyBody(buffer, body, shown.buffer, shown.claim(key, type, bytes) + HEADER_BYTES, bytes);
    shown.publish(key);
  }
}
