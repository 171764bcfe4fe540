import { describe, expect, it } from 'vitest';
import { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { FeedCounters } from '../../../actors/feed/entry/feed-counters.js';
import { shownOrders } from '../../../actors/streams.js';
import { OrderUpdate } from '../../../schemas/generated/order-update.js';
import { MessageType } from '../../../schemas/message-type.js';
import { OrderStatus } from '../../market/orders/codes.js';
import { formatLatest, latestBytes } from '../../runtime/edge/create-latest.js';
import { LatestWriter } from '../../runtime/edge/latest-writer.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import type { Engine } from '../../runtime/host/engine.js';
import { EngineStateCode } from '../../runtime/supervision/engine-state.js';
import { type StartStep, StartTimeline, startWatch } from './start-timeline.js';

const RUN = 1;

/** An engine of which only the orders are shown, and what its timeline tells. */
function started() {
  const options = { ...shownOrders(256), engineRun: RUN };
  const memory = new SharedArrayBuffer(latestBytes(options));
  const writer = new LatestWriter(formatLatest(memory, options));
  const board = { state: EngineStateCode.STARTING } as Engine['board'];
  const market = { definitions: DefinitionMemory.create(1), counters: FeedCounters.create() };
  const told: StartStep[] = [];
  let now = 0;
  const timeline = new StartTimeline(
    () => ++now,
    (step) => told.push(step),
  );
  const shown = { 'orders-shown': { kind: 'threads' as const, memory } };
  const look = startWatch(timeline, { shown, board }, RUN, market);
  const order = (slot: number, status: number): void => {
    const at = writer.claim(slot, MessageType.ORDER_UPDATE, OrderUpdate.sizeOf());
    new OrderUpdate().__init(at + HEADER_BYTES, writer.buffer).mutate_status(status);
    writer.publish(slot);
  };
  return { timeline, look, order, told, board };
}

describe('the steps of a start', () => {
  it('are each told once, with the time at which they were reached first', () => {
    const { timeline, told } = started();
    timeline.reach('all threads run');
    timeline.reach('the venue is linked');
    timeline.reach('all threads run');
    expect(told).toEqual(['all threads run', 'the venue is linked']);
    expect(timeline.steps).toEqual([
      ['all threads run', 1],
      ['the venue is linked', 2],
    ]);
  });

  it('count an order as resting when the venue has confirmed it, and not before', () => {
    const { look, order, told } = started();
    order(0, OrderStatus.REQUESTED);
    look();
    expect(told).toEqual([]);
    order(0, OrderStatus.OPEN);
    look();
    expect(told).toEqual(['the first quote rests']);
  });

  it('are over when a hundred orders rest at once, however many have rested in all', () => {
    const { timeline, look, order } = started();
    for (let slot = 0; slot < 100; slot++) {
      order(slot, OrderStatus.OPEN);
      look();
      if (slot < 50) order(slot, OrderStatus.CANCELLED);
    }
    look();
    expect(timeline.isOver).toBe(false);
    for (let slot = 100; slot < 150; slot++) order(slot, OrderStatus.OPEN);
    look();
    expect(timeline.isOver).toBe(true);
  });

  it('tell when risk may be taken', () => {
    const { look, told, board } = started();
    look();
    expect(told).toEqual([]);
    board.state = EngineStateCode.ACTIVE;
    look();
    expect(told).toEqual(['risk may be taken']);
  });
});
