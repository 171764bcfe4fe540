import type { Cells } from '../../engine/market/orders/cells.js';
import { CreditBuckets } from '../../engine/market/orders/credit-buckets.js';
import { type KeeperSink, OrderKeeper } from '../../engine/market/orders/order-keeper.js';
import { OrderToVolume } from '../../engine/market/orders/order-to-volume.js';
import { OtherEngine } from '../../engine/market/orders/other-engine.js';
import { Readiness } from '../../engine/market/orders/readiness.js';
import { Reconciler } from '../../engine/market/orders/reconciler.js';
import type { OrdersConfig } from './orders-config.js';

/** State of the stage itself, int32. */
export const INT = {
  STARTED: 0,
  TOLD_REASONS: 1,
  TOLD_STATE: 2,
  CREDITS_MOVED: 3,
  OUT_OF_CREDITS: 4,
  SIZE: 5,
} as const;
/** float64: the mass quote that was counted last, its connection. */
export const LAST_FRAME = 0;

/** What the stage is made of, in the order in which it takes its memory. */
export class OrdersMemory {
  readonly keeper: OrderKeeper;
  readonly reconciler: Reconciler;
  readonly readiness: Readiness;
  readonly credits: CreditBuckets;
  readonly meter: OrderToVolume;
  readonly ints: Int32Array;
  readonly lastFrame: Float64Array;
  /** By instrument: 1 where amounts are in USD, as of inverse futures. */
  readonly amountsInUsd: Int32Array;
  readonly otherEngine: OtherEngine;

  constructor(cells: Cells, config: OrdersConfig, sink: KeeperSink) {
    const { instruments } = config;
    this.keeper = new OrderKeeper(cells, { ...config, answerWithinMicros: config.answerWithinSeconds * 1e6 }, sink);
    this.reconciler = new Reconciler(
      cells,
      {
        instruments,
        everyMicros: config.reconcileEverySeconds * 1e6,
        withinMicros: config.reconcileWithinSeconds * 1e6,
      },
      this.keeper,
    );
    this.readiness = new Readiness(cells, config);
    this.credits = new CreditBuckets(cells, config.credits);
    this.meter = new OrderToVolume(cells);
    this.ints = cells.int32(INT.SIZE, 'orders memory: ints', INT);
    this.lastFrame = cells.float64(1, 'last frame', { LAST_FRAME });
    this.amountsInUsd = cells.int32(instruments, 'amounts in usd');
    this.otherEngine = new OtherEngine(cells);
  }
}
