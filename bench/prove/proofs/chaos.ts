import { ChaosTrial } from '../../../actors/testing/chaos/chaos-trial.js';
import type { Proof } from '../proof.js';

/** Seeds of every misbehaviour of the venue on the virtual clock, engine kills included. */
export const proof: Proof = {
  name: 'chaos',
  claim:
    'whatever the venue does and whenever the engine is killed, in the end no order is lost or unknown, positions and cash are the venue’s, no request was approved twice or refused for the number of requests, and no limit was passed beyond what nobody could know',
  unit: 'seeds',
  amounts: { ci: 25, full: 1000 },
  async run(amount, progress) {
    const sums = { kills: 0, breaks: 0, fills: 0, requests: 0, events: 0 };
    const misbehaviour = new Map<string, number>();
    for (let seed = 1; seed <= amount; seed++) {
      const result = new ChaosTrial(seed).result();
      if (result.differences.length > 0) throw new Error(`seed ${seed}: ${result.differences.join('; ')}`);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name];
      for (const [name, count] of result.misbehaviour) misbehaviour.set(name, (misbehaviour.get(name) ?? 0) + count);
      progress(seed);
    }
    const done = [...misbehaviour].map(([name, count]) => `${count} ${name}`).sort();
    return [
      { name: 'differences', unit: 'seeds', value: 0, note: `${sums.fills} fills of ${sums.requests} requests` },
      { name: 'engine kills', unit: 'kills', value: sums.kills, note: `${sums.events} events` },
      { name: 'connections broken', unit: 'breaks', value: sums.breaks, note: done.join(', ') },
    ];
  },
};
