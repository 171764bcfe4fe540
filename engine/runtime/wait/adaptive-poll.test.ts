import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AdaptivePoll } from './adaptive-poll.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => vi.useRealTimers());

it('looks often, seldom after ten quiet seconds, and often again when something was there', () => {
  let looks = 0;
  const poll = new AdaptivePoll(() => looks++, 20, 100);
  const looksIn = (ms: number): number => {
    const before = looks;
    vi.advanceTimersByTime(ms);
    return looks - before;
  };
  poll.start();
  expect(looksIn(1000)).toBe(50);
  vi.advanceTimersByTime(10_000);
  expect(looksIn(1000)).toBe(10);
  poll.found();
  vi.advanceTimersByTime(100);
  expect(looksIn(1000)).toBe(50);
  poll.stop();
  expect(looksIn(1000)).toBe(0);
});
