import { expect, it } from 'vitest';
import { bytesPerCall } from '../../engine/testing/allocation.js';

/** A boxed number is 12 bytes or more: far less than that, spread over all calls, is none. */
const NOTHING = 0.5;

it('making a quote takes no memory', () => {
  const module = 'actors/testing/quoting/quote-load.js';
  const kernel = { module, setup: 'const load = new QuoteLoad();', call: 'sink += load.make(i);' };
  expect(bytesPerCall(kernel, 50_000)).toBeLessThan(NOTHING);
});
