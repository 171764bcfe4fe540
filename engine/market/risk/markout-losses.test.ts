import { expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { MarkoutLosses } from './markout-losses.js';

/** Fills that are watched at once. */
const CAPACITY = 1024;

/** Fills one after another, each of its own instrument; which of them come due, and what they are found to have lost. */
function watched(fills: number): { due: number[]; lost: number } {
  const losses = new MarkoutLosses(new CellCount(), 2);
  const limits = Float64Array.of(0);
  for (let id = 0; id < fills; id++) {
    losses.fill.set([100 + id, 1, 1]);
    losses.add(id, Float64Array.of(1e6 * id));
  }
  const later = Float64Array.of(1e6 * fills + 10e6);
  const due: number[] = [];
  for (let id = losses.due(later); id >= 0; id = losses.due(later)) {
    due.push(id);
    losses.take(1, Float64Array.of(100), later, limits, 0);
  }
  losses.allows(1, later, limits, 0);
  return { due, lost: losses.found[0]! };
}

it('as many fills as are watched keep their own price, and of more the oldest are let go', () => {
  const all = [...Array(CAPACITY).keys()];
  const sum = (ids: number[]): number => ids.reduce((left, right) => left + right, 0);
  expect(watched(CAPACITY)).toEqual({ due: all, lost: sum(all) });
  const later = all.map((id) => id + 3);
  expect(watched(CAPACITY + 3)).toEqual({ due: later, lost: sum(later) });
});
