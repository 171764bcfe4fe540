import { describe, expect, it } from 'vitest';
import { StateTape } from './state-tape.js';
import { VolFilter } from './vol-filter.js';

const ROOM = 4096;

function feed(filter: VolFilter, from: number, to: number): number[] {
  const forecasts: number[] = [];
  for (let bar = from; bar < to; bar++) {
    const size = 0.001 * (1 + 0.5 * Math.sin(bar / 9));
    filter.step(1_700_000_000_000 + bar * 60_000, size * size, bar % 2 === 0 ? size : -size);
    forecasts.push(filter.forecast(1), filter.forecast(30));
  }
  return forecasts;
}

describe('the state of a volatility filter on a tape', () => {
  it('goes on in another filter as if nothing had happened, to the last bit', () => {
    const whole = new VolFilter({ barsPerDay: 1440 });
    feed(whole, 0, 700);
    const cells = new Float64Array(ROOM);
    whole.carry(new StateTape(cells, false));
    const other = new VolFilter({ barsPerDay: 1440 });
    other.carry(new StateTape(cells, true));
    expect(feed(other, 700, 900)).toEqual(feed(whole, 700, 900));
  });

  it('says when there is too little room', () => {
    expect(() => new VolFilter({ barsPerDay: 1440 }).carry(new StateTape(new Float64Array(100), false))).toThrow(
      /more than the 100 numbers/,
    );
  });
});
