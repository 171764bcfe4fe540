/** A thread that writes orders through the gate as fast as it can, and notes the tick of each write. */
import { workerData } from 'node:worker_threads';
import { OrderAction } from '../../../engine/market/orders/codes.js';
import { attachBoard } from '../../../engine/runtime/supervision/board.js';
import { writeThroughGate } from '../../execution/order-gate.js';
import { GateCell, type GateSetup, gatePlan } from './gate-setup.js';

const { board: memory, cells } = workerData as GateSetup;
const board = attachBoard(memory, gatePlan, 1);
let random = 12345;
const place = (): void => {
  // A real write takes time; the race must be able to fall into it.
  const tick = Atomics.add(cells, GateCell.TICK, 1);
  for (let wait = random & 63; wait > 0; wait--) Atomics.load(cells, GateCell.TICK);
  Atomics.store(cells, GateCell.LAST_ORDER, Math.max(tick, Atomics.load(cells, GateCell.TICK)));
};
const cancel = (): void => {
  Atomics.add(cells, GateCell.CANCELS, 1);
};

Atomics.store(cells, GateCell.READY, 1);
while (Atomics.load(cells, GateCell.STOP) === 0) {
  random = (Math.imul(random, 1664525) + 1013904223) | 0;
  if (random >>> 28 === 0) writeThroughGate(board, OrderAction.MASS_CANCEL, cancel);
  else if (writeThroughGate(board, OrderAction.PLACE, place)) Atomics.add(cells, GateCell.ORDERS, 1);
}
