import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../engine/testing/allocation.js';

/** A filter with a surface, and a ticker of an option or a tick of the perpetual put straight into its log. */
const setup = `
  const START = 1767614400e6;
  const chain = syntheticChain(START, [2, 9, 30], 9);
  const world = new FilterWorld(START, { instruments: 64, refitSeconds: 1e9, refitMove: 1e9, refitResidual: 1e9 });
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  const quotes = chain.options.map((option) => marketQuote(option, 60000, START));
  world.ticker(chain.perpetual.id, { bid: 59999.5, ask: 60000.5, index: 60000 });
  chain.options.forEach(({ id }, index) => world.ticker(id, { ...quotes[index], underlying: 60000, index: 60000 }));
  world.advance(START + 3e6);
  const load = new FilterLoad(world, chain.perpetual.id, quotes);
`;

/** A boxed number is 12 bytes or more: far less than that, spread over all calls, is none. */
const NOTHING = 0.5;

describe('the filter’s memory', () => {
  it('takes nothing for quotes of options and ticks of the underlying', () => {
    const module = 'actors/testing/filter/filter-load.js';
    const call = 'if (i % 8 === 0) load.tick(i); else load.quote(i);';
    expect(bytesPerCall({ module, setup, call }, 10_000)).toBeLessThan(NOTHING);
  });
});
