import { describe, expect, it } from 'vitest';
import { Strategy } from '../../engine/market/orders/codes.js';
import { TraderAction, TraderScope } from '../../engine/market/quoting/trader-controls.js';
import { CommandFaultCode, meaningOfFault } from '../../engine/market/risk/command-fault-code.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { CommandFault } from '../../schemas/generated/command-fault.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { Written } from '../testing/stage/stage-bench.js';
import { CALL, EXPIRY, RiskDesk } from './testing/risk-desk.js';

const { UNDERLYING, EXPIRY: NO_EXPIRY, INSTRUMENT, STRIKE, STRATEGY, VALUE, CONFIRMATION, SCOPE } = CommandFaultCode;
const NOBODY = 7;
const SOMEBODY = 3;

/** What was said to be wrong; undefined where nothing was. */
function faultIn(written: Written[]): CommandFault | undefined {
  const found = written.find(({ type }) => type === MessageType.COMMAND_FAULT);
  return found && new CommandFault().__init(0, new ViewBuffer(found.body.buffer));
}

const risk =
  (action: number, scope: number, key = 0, expiry = 0, confirmed = 1) =>
  (desk: RiskDesk): Written[] =>
    desk.tell(MessageType.RISK_COMMAND, RiskCommand, (command) => {
      command.mutate_action(action);
      command.mutate_scope(scope);
      command.mutate_key(key);
      command.mutate_expiry(expiry);
      command.mutate_confirmed(confirmed);
      command.mutate_user(SOMEBODY);
      command.mutate_nonce(5);
    });
const control =
  (action: number, scope: number, change: (control: TraderControl) => void) =>
  (desk: RiskDesk): Written[] =>
    desk.tell(MessageType.TRADER_CONTROL, TraderControl, (told) => {
      told.mutate_action(action);
      told.mutate_scope(scope);
      told.mutate_value(1);
      told.mutate_user(SOMEBODY);
      told.mutate_nonce(5);
      change(told);
    });
const of =
  <T extends { __init(at: number, buffer: ViewBuffer): T; mutate_user(user: number): boolean }>(
    type: number,
    struct: { new (): T; sizeOf(): number },
    change: (struct: T) => void,
  ) =>
  (desk: RiskDesk): Written[] =>
    desk.tell(type, struct, (told) => {
      told.mutate_user(SOMEBODY);
      change(told);
    });
const operator = (code: number, instrument: number) =>
  of(MessageType.OPERATOR_COMMAND, OperatorCommand, (told) => {
    told.mutate_command(code);
    told.mutate_instrument(instrument);
  });
const order = (instrument: number, price: number, amount: number) =>
  of(MessageType.MANUAL_ORDER, ManualOrder, (told) => {
    told.mutate_instrument(instrument);
    told.mutate_price(price);
    told.mutate_amount(amount);
  });

const { REDUCE, HALT, ACTIVE, ARM, FLATTEN, CANCEL_ALL } = RiskAction;
const { PAUSE, RESUME, WIDTH, SIZE } = TraderAction;

/** Commands that change nothing, with what is wrong with them. */
const faulty: [name: string, fault: number, give: (desk: RiskDesk) => Written[]][] = [
  ['reducing an expiry that is not listed', NO_EXPIRY, risk(REDUCE, StateScope.EXPIRY, 0, EXPIRY + 1e6)],
  ['cancelling what rests of an expiry that is not listed', NO_EXPIRY, risk(CANCEL_ALL, StateScope.EXPIRY, 0, 1)],
  ['closing an expiry of an underlying that nobody has', UNDERLYING, risk(FLATTEN, StateScope.EXPIRY, NOBODY, EXPIRY)],
  ['halting an underlying that nobody has', UNDERLYING, risk(HALT, StateScope.UNDERLYING, NOBODY)],
  ['halting a strategy that there is not', STRATEGY, risk(HALT, StateScope.STRATEGY, 64 + Strategy.QUOTER)],
  ['closing a strategy', SCOPE, risk(FLATTEN, StateScope.STRATEGY, Strategy.QUOTER)],
  ['arming a part', SCOPE, risk(ARM, StateScope.UNDERLYING)],
  ['activating what nobody confirmed', CONFIRMATION, risk(ACTIVE, StateScope.EVERYTHING, 0, 0, 0)],
  ['arming what nobody confirmed', CONFIRMATION, risk(ARM, StateScope.EVERYTHING, 0, 0, 0)],
  [
    'pausing an underlying that nobody has',
    UNDERLYING,
    control(PAUSE, TraderScope.UNDERLYING, (c) => c.mutate_underlying(NOBODY)),
  ],
  [
    'resuming an expiry that is not listed',
    NO_EXPIRY,
    control(RESUME, TraderScope.EXPIRY, (c) => c.mutate_expiry(EXPIRY - 1)),
  ],
  [
    'pausing an instrument that nobody has',
    INSTRUMENT,
    control(PAUSE, TraderScope.INSTRUMENT, (c) => c.mutate_instrument(NOBODY)),
  ],
  ['pausing a strike that is not listed', STRIKE, control(PAUSE, TraderScope.STRIKE, (c) => c.mutate_strike(61_000))],
  [
    'pausing a strike of an underlying that nobody has',
    UNDERLYING,
    control(PAUSE, TraderScope.STRIKE, (c) => c.mutate_underlying(NOBODY)),
  ],
  ['a width beyond its bounds', VALUE, control(WIDTH, TraderScope.EVERYTHING, (c) => c.mutate_value(21))],
  ['a width below its bounds', VALUE, control(WIDTH, TraderScope.EVERYTHING, (c) => c.mutate_value(0.05))],
  ['a size beyond its bounds', VALUE, control(SIZE, TraderScope.EVERYTHING, (c) => c.mutate_value(11))],
  ['a size that is no number', VALUE, control(SIZE, TraderScope.EVERYTHING, (c) => c.mutate_value(Number.NaN))],
  ['a control of a part of another kind', SCOPE, control(PAUSE, 9, () => {})],
  ['pausing quotes of an instrument that nobody has', INSTRUMENT, operator(CommandCode.PAUSE, 1e6)],
  ['resuming quotes of an instrument that nobody has', INSTRUMENT, operator(CommandCode.RESUME, NOBODY)],
  ['an order in an instrument that nobody has', INSTRUMENT, order(NOBODY, 1, 1)],
  ['an order without a price', VALUE, order(CALL, 0, 1)],
  ['an order without an end', VALUE, order(CALL, 1, Number.POSITIVE_INFINITY)],
  [
    'a hedge of an underlying that nobody has',
    UNDERLYING,
    of(MessageType.MANUAL_HEDGE, ManualHedge, (told) => told.mutate_underlying(NOBODY)),
  ],
  [
    'a shift of an underlying that nobody has',
    UNDERLYING,
    of(MessageType.SMILE_ADJUSTMENT, SmileAdjustment, (told) => told.mutate_underlying(NOBODY)),
  ],
  [
    'a trade in an instrument that nobody has',
    INSTRUMENT,
    of(MessageType.BOOKED_TRADE, BookedTrade, (told) => told.mutate_instrument(NOBODY)),
  ],
];

/** The same with targets that are there. */
const sound: [name: string, give: (desk: RiskDesk) => Written[]][] = [
  ['reducing an expiry', risk(REDUCE, StateScope.EXPIRY, 0, EXPIRY)],
  ['closing an underlying', risk(FLATTEN, StateScope.UNDERLYING)],
  ['halting the last of the strategies', risk(HALT, StateScope.STRATEGY, Strategy.FLATTENER)],
  ['arming', risk(ARM, StateScope.EVERYTHING)],
  ['reducing without a confirmation', risk(REDUCE, StateScope.EVERYTHING, 0, 0, 0)],
  ['pausing a strike', control(PAUSE, TraderScope.STRIKE, (c) => c.mutate_strike(66_000))],
  ['pausing an instrument', control(PAUSE, TraderScope.INSTRUMENT, (c) => c.mutate_instrument(CALL))],
  ['resuming an expiry', control(RESUME, TraderScope.EXPIRY, (c) => c.mutate_expiry(EXPIRY))],
  ['the widest width', control(WIDTH, TraderScope.EVERYTHING, (c) => c.mutate_value(20))],
  ['no size at all', control(SIZE, TraderScope.UNDERLYING, (c) => c.mutate_value(0))],
  ['pausing everything', operator(CommandCode.PAUSE, EVERY_INSTRUMENT)],
  ['halting, whatever instrument it names', operator(CommandCode.HALT, NOBODY)],
  ['an order', order(CALL, 0.06, 1)],
  ['an order that is taken back', order(CALL, 0.06, 0)],
];

describe('a command that would change nothing', () => {
  it.each(faulty)('is refused in the log by name: %s', (_name, fault, give) => {
    const desk = new RiskDesk();
    const written = give(desk);
    const said = faultIn(written)!;
    expect([said.fault(), said.user(), meaningOfFault(said.fault())]).toEqual([
      fault,
      SOMEBODY,
      expect.stringMatching(/ /),
    ]);
    // And it changes nothing: neither a state, nor an order, nor what may be sent.
    expect(written).toHaveLength(1);
    expect(desk.ask()).toBe('approved');
  });

  it.each(sound)('is not: %s', (_name, give) => {
    expect(faultIn(give(new RiskDesk()))).toBeUndefined();
  });

  it('is told with all that it named', () => {
    const [, , reduce] = faulty[0]!;
    const said = faultIn(reduce(new RiskDesk()))!;
    expect([said.command(), said.action(), said.scope(), said.target(), said.expiry(), said.nonce()]).toEqual([
      MessageType.RISK_COMMAND,
      REDUCE,
      StateScope.EXPIRY,
      0,
      EXPIRY + 1e6,
      5,
    ]);
    const [, , strike] = faulty.find(([, fault]) => fault === STRIKE)!;
    expect(faultIn(strike(new RiskDesk()))!.strike()).toBe(61_000);
    // What the command before it named is forgotten.
    const desk = new RiskDesk();
    strike(desk);
    expect(faultIn(operator(CommandCode.PAUSE, NOBODY)(desk))!.strike()).toBe(0);
  });
});
