import { alterLevels, mutateChains, recordedInstruments } from '../../../actors/feed/testing/mutated-streams.js';
import { recordedFrames } from '../../../engine/testing/recordings.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { needed } from '../../recorded-frames.js';
import type { Proof } from '../proof.js';

const STEP = 10_000;

/** Recorded book streams are damaged in every way that a change-id chain can show, and in some that only cross-checks can. */
export const proof: Proof = {
  name: 'mutated-books',
  claim: 'no book stream with a message lost, repeated or exchanged leaves a wrong book that calls itself live',
  unit: 'streams',
  amounts: { ci: 100_000, full: 1_000_000 },
  async run(amount, progress) {
    const frames = needed(recordedFrames('deribit/ws-2021-07-22/DERIBIT.ws.1.0.jsonl'), 'deribit/ws-2021-07-22');
    const instruments = recordedInstruments(frames);
    const random = new Seeded(20_251_122);
    let undetected = 0;
    for (let done = 0; done < amount; done += STEP) {
      undetected += mutateChains(instruments, Math.min(STEP, amount - done), random).undetected;
      progress(Math.min(amount, done + STEP));
    }
    if (undetected > 0)
      throw new Error(`${undetected} of ${amount} damaged streams left a wrong book that calls itself live`);
    const altered = alterLevels(instruments, amount / 20, random);
    return [
      { name: 'damage to the chain not noticed', unit: 'streams', value: undetected },
      {
        name: 'altered prices and amounts noticed',
        unit: 'of all',
        value: 1 - altered.undetected / altered.streams,
        note: Object.entries(altered.revealedBy)
          .map(([by, count]) => `${by} ${count}`)
          .join(', '),
      },
    ];
  },
};
