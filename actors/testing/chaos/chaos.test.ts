import { describe, expect, it } from 'vitest';
import { noChaos } from '../../venue-sim/chaos/config.js';
import { ChaosTrial } from './chaos-trial.js';

describe('the engine beside a venue that misbehaves', () => {
  it('has the books of the venue in the end, though messages were lost, doubled and late', () => {
    const { differences, fills } = new ChaosTrial(19).result();
    expect(differences).toEqual([]);
    expect(fills).toBeGreaterThan(0);
  });

  it('has them after it was killed three times', () => {
    const { differences, kills } = new ChaosTrial(1, { ...noChaos, seed: 1 }).result();
    expect(differences).toEqual([]);
    expect(kills).toBe(3);
  });
});
