import { chaosOf } from '../../../actors/testing/chaos/chaos-trial.js';
import { noChaos } from '../../../actors/venue-sim/chaos/config.js';
import { TradingPair } from '../processes/trading-pair.js';
import type { Proof } from '../proof.js';

const CHAOS_MS = 8000;
/** Of ten seeds this many kill the engine in the midst of it. */
const KILLS_OF_TEN = 3;
/** Longer than the engine takes to reconcile by its timer. */
const SETTLES_WITHIN_MS = 120_000;

/** Every misbehaviour of the venue on real sockets, between real processes. */
export const proof: Proof = {
  name: 'socket-chaos',
  claim:
    'whatever the venue does on its sockets and whenever the engine’s process is killed, in peace no order is lost or unknown, and positions are the venue’s',
  unit: 'seeds',
  amounts: { ci: 1, full: 100 },
  async run(amount, progress) {
    const pair = new TradingPair(2);
    let kills = 0;
    try {
      await pair.start();
      for (let seed = 1; seed <= amount; seed++) {
        try {
          await pair.venue.setChaos(chaosOf(seed));
          const dies = pair.dice.index(10) < KILLS_OF_TEN;
          await pair.trade(dies ? pair.dice.throw() * CHAOS_MS : CHAOS_MS);
          if (dies) {
            kills++;
            await pair.engine.kill();
          }
          await pair.venue.setChaos(noChaos);
          if (dies) await pair.startEngine();
          await pair.settle(SETTLES_WITHIN_MS);
        } catch (error) {
          throw new Error(`seed ${seed}: ${(error as Error).message}`);
        }
        progress(seed);
      }
      await pair.finish();
      return [
        {
          name: 'differences in peace',
          unit: 'seeds',
          value: 0,
          note: `${pair.taken} orders against the engine's, ${pair.halts} halts`,
        },
        { name: 'engine kills', unit: 'kills', value: kills },
      ];
    } finally {
      await pair.close();
    }
  },
};
