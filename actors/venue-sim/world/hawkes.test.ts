import { describe, expect, it } from 'vitest';
import { HawkesFlow } from './hawkes.js';
import { RandomStream } from './random.js';

function run(branching: number, seconds: number): { times: number[]; sides: number[] } {
  const flow = new HawkesFlow({ rate: 2, branching, halfLifeMs: 2000, sameSide: 0.8 }, new RandomStream(1, 'flow'), 0);
  const times: number[] = [];
  const sides: number[] = [];
  for (let time = flow.next(1); time < seconds * 1000; time = flow.next(1)) {
    const side = flow.arrives(1);
    if (side < 0) continue;
    times.push(time);
    sides.push(side);
  }
  return { times, sides };
}

describe('self-exciting order flow', () => {
  it('has the rate that was asked for, however much of it is answers', () => {
    for (const branching of [0, 0.5, 0.8]) {
      const { times } = run(branching, 20_000);
      expect(times.length / 20_000).toBeGreaterThan(1.8);
      expect(times.length / 20_000).toBeLessThan(2.2);
    }
  });

  it('comes in clusters of one side', () => {
    const spread = ({ times, sides }: ReturnType<typeof run>): { clusters: number; persistence: number } => {
      const counts = new Array<number>(2000).fill(0);
      for (const time of times) counts[Math.floor(time / 10_000)]! += 1;
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      const variance = counts.reduce((sum, count) => sum + (count - mean) * (count - mean), 0) / counts.length;
      const same = sides.filter((side, index) => index > 0 && side === sides[index - 1]).length;
      return { clusters: variance / mean, persistence: same / sides.length };
    };
    const poisson = spread(run(0, 20_000));
    const excited = spread(run(0.7, 20_000));
    expect(poisson.clusters).toBeLessThan(1.2);
    expect(excited.clusters).toBeGreaterThan(3);
    expect(excited.persistence).toBeGreaterThan(poisson.persistence + 0.02);
  });
});
