import { expect, it } from 'vitest';
import { OrderAction, Side } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { OPTION_TRADING } from '../../core-settings.js';
import { WORLD } from '../../venue-sim/world/parameters.js';
import { VirtualRun } from '../virtual-run.js';
import type { VirtualSession } from './virtual-session.js';

const REFUSED_ORDER = structOffset(Refusal, 'order');

/** What risk says of the bid for an option that answers an event: an approved order, or a refused one. */
function tell(session: VirtualSession, type: number, seq: number, instrument: number): void {
  const isRefused = type === MessageType.REFUSAL;
  const bytes = HEADER_BYTES + (isRefused ? Refusal.sizeOf() : ApprovedOrder.sizeOf());
  const buffer = new ViewBuffer(new ArrayBuffer(bytes));
  buffer.view.setInt32(HeaderOffset.LENGTH, bytes, true);
  buffer.view.setUint16(HeaderOffset.TYPE, type, true);
  buffer.view.setFloat64(HeaderOffset.SEQ, seq, true);
  const order = new ApprovedOrder().__init(HEADER_BYTES + (isRefused ? REFUSED_ORDER : 0), buffer);
  order.mutate_action(OrderAction.QUOTE);
  order.mutate_group(1);
  order.mutate_instrument(instrument);
  order.mutate_side(Side.BUY);
  order.mutate_price(0.0001);
  order.mutate_amount(1);
  session.take(type, buffer, 0);
}

it('writes the quotes of one event as one mass quote though risk refused one in their midst: a second would overdraw the account', () => {
  const world = { ...WORLD, strikes: 4, currencies: [WORLD.currencies[0]!] };
  const run = new VirtualRun({ seed: 1, world, core: { instruments: 256, bookDepth: 5, trading: OPTION_TRADING } });
  run.advance(5);
  const { session } = run;
  expect(session.isReady).toBe(true);
  const before = session.requests;
  const seq = run.log.seq;
  tell(session, MessageType.APPROVED_ORDER, seq, 3);
  tell(session, MessageType.REFUSAL, seq, 4);
  tell(session, MessageType.APPROVED_ORDER, seq, 5);
  session.flush();
  expect(session.requests - before).toBe(1);
});
