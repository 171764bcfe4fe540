import { describe, expect, it } from 'vitest';
import { OrderAction, Scope } from '../../engine/market/orders/codes.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { RiskDesk } from './testing/risk-desk.js';

/** What a command has cancelled, by scope, and what becomes of an order after it. */
function following(code: number): [cancelled: number[], order: string] {
  const desk = new RiskDesk();
  const written = desk.tell(MessageType.OPERATOR_COMMAND, OperatorCommand, (command) => {
    command.mutate_command(code);
    command.mutate_instrument(EVERY_INSTRUMENT);
  });
  const cancelled = written
    .filter(({ type }) => type === MessageType.APPROVED_ORDER)
    .map(({ body }) => new ApprovedOrder().__init(0, new ViewBuffer(body.buffer)))
    .filter((order) => order.action() === OrderAction.MASS_CANCEL)
    .map((order) => order.scope());
  return [cancelled, desk.ask()];
}

describe('an operator', () => {
  it('who halts has everything cancelled at once, and nothing passes any more', () => {
    expect(following(CommandCode.HALT)).toEqual([[Scope.EVERYTHING], 'HALTED']);
  });

  it.each([
    { by: KillReason.OPERATOR, found: 'HALTED' },
    { by: KillReason.CORE_STUCK, found: 'approved' },
  ])('whose latch is open again (reason $by) finds: $found', ({ by, found }) => {
    const desk = new RiskDesk();
    desk.tell(MessageType.OPERATOR_COMMAND, OperatorCommand, (command) => {
      command.mutate_command(CommandCode.HALT);
      command.mutate_instrument(EVERY_INSTRUMENT);
      command.mutate_argument(by);
    });
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.ACTIVE));
    expect(desk.ask()).toBe(found);
    desk.command(RiskAction.ACTIVE, StateScope.EVERYTHING);
    expect(desk.ask()).toBe('approved');
  });

  it.each(['PAUSE', 'RESUME', 'REARM'] as const)('who says %s is not heard by risk', (code) => {
    expect(following(CommandCode[code])).toEqual([[], 'approved']);
  });
});
