import { describe, expect, it } from 'vitest';
import { OrderStatus } from './codes.js';
import { contradicts, isFinished, ODD_ROWS, OrderEvent, statusAfter } from './transitions.js';

const statuses = Object.values(OrderStatus);
const events = Object.values(OrderEvent);
const pairs = statuses.flatMap((status) => events.map((event) => ({ status, event })));
const fills: number[] = [OrderEvent.PART_FILLED, OrderEvent.FULLY_FILLED, OrderEvent.SHOWN_FILLED];

describe('the table of transitions', () => {
  it('has an answer to every event in every status', () => {
    for (const { status, event } of pairs) expect(statuses).toContain(statusAfter(status, event));
  });

  it('never makes an order unseen', () => {
    for (const { status, event } of pairs) {
      if (status !== OrderStatus.NONE) expect(statusAfter(status, event)).not.toBe(OrderStatus.NONE);
    }
  });

  it('is left by a filled order for nothing', () => {
    for (const event of events) expect(statusAfter(OrderStatus.FILLED, event)).toBe(OrderStatus.FILLED);
  });

  it('lets a cancelled or expired order be filled, and nothing else', () => {
    for (const status of [OrderStatus.CANCELLED, OrderStatus.EXPIRED]) {
      for (const event of events) {
        const next = statusAfter(status, event);
        if (next !== status) expect([next, fills.includes(event)]).toEqual([OrderStatus.FILLED, true]);
      }
    }
  });

  it('disowns nothing that the venue shows or fills, whatever we believed', () => {
    for (const status of [OrderStatus.REJECTED, OrderStatus.NOT_SENT, OrderStatus.UNKNOWN]) {
      expect(isFinished(statusAfter(status, OrderEvent.SHOWN_OPEN))).toBe(false);
      expect(statusAfter(status, OrderEvent.PART_FILLED)).toBe(OrderStatus.PARTLY_FILLED);
      expect(statusAfter(status, OrderEvent.FULLY_FILLED)).toBe(OrderStatus.FILLED);
    }
  });

  it('takes an order for refused only when the venue says so or does not know it', () => {
    const refusing: number[] = [OrderEvent.REFUSED, OrderEvent.SHOWN_REJECTED, OrderEvent.ABSENT_NEVER_SEEN];
    for (const { status, event } of pairs) {
      if (status !== OrderStatus.REJECTED && statusAfter(status, event) === OrderStatus.REJECTED)
        expect(refusing).toContain(event);
    }
  });

  it('ends nothing for a lost answer or a lost connection', () => {
    for (const status of statuses) {
      for (const event of [OrderEvent.UNANSWERED, OrderEvent.UNSURE]) {
        if (!isFinished(status)) expect(isFinished(statusAfter(status, event))).toBe(false);
      }
    }
  });

  it('calls a contradiction what leaves the status as it is', () => {
    for (const { status, event } of pairs) {
      if (contradicts(status, event)) expect(statusAfter(status, event)).toBe(status);
    }
  });

  it.each(ODD_ROWS.map((row) => [row.why, row] as const))('is odd with a reason: %s', (why, { status, event, to }) => {
    expect(statusAfter(status, event)).toBe(to === 'stays' ? status : to);
    expect(why.length).toBeGreaterThan(20);
  });
});
