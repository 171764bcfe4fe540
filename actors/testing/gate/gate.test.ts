import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { OrderAction } from '../../../engine/market/orders/codes.js';
import { boardBytes, formatBoard } from '../../../engine/runtime/supervision/board.js';
import { KillReason } from '../../../engine/runtime/supervision/kill-reason.js';
import { writeThroughGate } from '../../execution/order-gate.js';
import { GateCell, type GateSetup, gatePlan } from './gate-setup.js';

const ROUNDS = 100_000;

describe('the kill latch', () => {
  const setup: GateSetup = {
    board: new SharedArrayBuffer(boardBytes(gatePlan)),
    cells: new Int32Array(new SharedArrayBuffer(64)),
  };
  const { cells } = setup;
  const board = formatBoard(setup.board, gatePlan, 1);
  // Compiled code, as users run it.
  const worker = new Worker(new URL('../../../dist/actors/testing/gate/gate-writer.js', import.meta.url), {
    workerData: setup,
  });

  afterAll(async () => {
    Atomics.store(cells, GateCell.STOP, 1);
    await worker.terminate();
  });

  it('keeps its first reason', () => {
    expect(board.kill(KillReason.CORE_STUCK)).toBe(true);
    expect(board.kill(KillReason.OPERATOR)).toBe(false);
    expect(board.killed()).toBe(KillReason.CORE_STUCK);
    board.rearm();
    expect(board.killed()).toBe(KillReason.NONE);
  });

  it('lets nothing but cancels through once it is set and settled, in 10^5 races with a writing thread', async () => {
    while (Atomics.load(cells, GateCell.READY) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    let late = 0;
    let unsettled = 0;
    let random = 99;
    for (let round = 0; round < ROUNDS; round++) {
      random = (Math.imul(random, 1103515245) + 12345) | 0;
      for (let wait = random & 127; wait > 0; wait--) Atomics.load(cells, GateCell.TICK);
      board.kill(KillReason.OPERATOR);
      if (!board.settled(1000)) unsettled++;
      const orders = Atomics.load(cells, GateCell.ORDERS);
      const closed = Atomics.load(cells, GateCell.LAST_ORDER);
      for (let wait = (random >>> 8) & 127; wait > 0; wait--) Atomics.load(cells, GateCell.TICK);
      // The counter of an order that was written before may follow; its write may not.
      if (Atomics.load(cells, GateCell.LAST_ORDER) !== closed || Atomics.load(cells, GateCell.ORDERS) > orders + 1)
        late++;
      board.rearm();
    }
    expect({ late, unsettled }).toEqual({ late: 0, unsettled: 0 });
    expect(Atomics.load(cells, GateCell.ORDERS)).toBeGreaterThan(1000);
    expect(Atomics.load(cells, GateCell.CANCELS)).toBeGreaterThan(1000);
  });

  it('is told from a gate that looks at the latch without announcing its write', () => {
    const order: string[] = [];
    const latch = {
      killed: () => {
        order.push('look');
        return KillReason.NONE;
      },
      beginWrite: () => order.push('begin'),
      endWrite: () => order.push('end'),
    };
    writeThroughGate(latch, OrderAction.PLACE, () => order.push('write'));
    expect(order).toEqual(['begin', 'look', 'write', 'end']);
  });
});
