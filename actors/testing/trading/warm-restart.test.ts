import { expect, it } from 'vitest';
import { InstrumentKind } from '../../../engine/market/instrument.js';
import { OrderAction } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { DesiredHedge } from '../../../schemas/generated/desired-hedge.js';
import { MessageType } from '../../../schemas/message-type.js';
import { OPTION_TRADING } from '../../core.js';
import { approvedOrders, desiredFlattens } from '../../streams.js';
import { MARKET_MAKER_LIMITS } from '../../venue-sim/api/session/rate-limits.js';
import { WORLD, type WorldParameters } from '../../venue-sim/world/parameters.js';
import { VirtualRun } from '../../virtual-run/virtual-run.js';

const SMALL: WorldParameters = { ...WORLD, strikes: 4, currencies: [WORLD.currencies[0]!] };

it('nautilus 4736, a warm restart that flattens: what was held is held on, and nothing is sent to close it', () => {
  const run = new VirtualRun({
    seed: 6,
    world: SMALL,
    core: {
      instruments: 192,
      bookDepth: 64,
      trading: { ...OPTION_TRADING, needsMmp: true },
      quoting: {},
      hedging: {},
    },
    limits: MARKET_MAKER_LIMITS,
  });
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
