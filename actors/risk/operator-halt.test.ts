import { describe, expect, it } from 'vitest';
import { OrderAction, Scope } from '../../engine/market/orders/codes.js';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
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

  it.each(['PAUSE', 'RESUME', 'REARM'] as const)('who says %s is not heard by risk', (code) => {
    expect(following(CommandCode[code])).toEqual([[], 'approved']);
  });
});
