import { expect, it } from 'vitest';
import { InstrumentKind } from '../../../engine/market/instrument.js';
import { OrderAction } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { DesiredHedge } from '../../../schemas/generated/desired-hedge.js';
import { MessageType } from '../../../schemas/message-type.js';
import { approvedOrders, desiredFlattens } from '../../streams.js';
import { smallChainRun } from './small-chain-run.js';

it('nautilus 4736, a warm restart that flattens: what was held is held on, and nothing is sent to close it', () => {
  const run = smallChainRun(6);
  const kindOf = (id: number): number => run.exchange.instruments.definitions[id]!.kind;
  const options = (): Map<number, number> =>
    new Map(
      run
        .positions()
        .filter(({ instrument }) => kindOf(instrument) === InstrumentKind.OPTION)
        .map(({ instrument, size }) => [instrument, size]),
    );
  for (let seconds = 0; seconds < 600 && options().size === 0; seconds += 15) run.advance(15);
  const before = options();
  expect(before.size).toBeGreaterThan(0);
  const saved = run.log.snapshot();
  run.kill();
  run.advance(2);
  run.start(saved);
  const order = new ApprovedOrder();
  const wanted = new DesiredHedge();
  const closing: string[] = [];
  run.hear(approvedOrders, (type, buffer, offset) => {
    if (type !== MessageType.APPROVED_ORDER) return;
    order.__init(offset + HEADER_BYTES, buffer);
    if (order.action() === OrderAction.PLACE && kindOf(order.instrument()) === InstrumentKind.OPTION)
      closing.push(`order on ${order.instrument()}`);
  });
  run.hear(desiredFlattens, (type, buffer, offset) => {
    if (type !== MessageType.DESIRED_HEDGE) return;
    wanted.__init(offset + HEADER_BYTES, buffer);
    if (wanted.amount() > 0) closing.push(`closes ${wanted.amount()} of ${wanted.instrument()}`);
  });
  run.advance(1);
  // The account was asked, and no quote has traded yet.
  expect(options()).toEqual(before);
  run.advance(5);
  expect(closing).toEqual([]);
  expect(run.session.messages.open().length).toBeGreaterThan(10);
});
