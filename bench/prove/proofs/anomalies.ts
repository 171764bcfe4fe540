import { falseAlarms, injectAnomalies, injectionNames } from '../../../engine/market/anomaly/testing/injections.js';
import type { Proof } from '../proof.js';

const SEED = 20_261_127;
const LEAST_RECALL = 0.95;
const MOST_DELAY = 5;
const MOST_FALSE_ALARMS = 1;
/** Clean seconds for each anomaly that is injected: 200 of each make ten days. */
const CLEAN_SECONDS = 4_320;

/** Six kinds of anomalies are done to a clean simulated market; and then nothing is, for days. */
export const proof: Proof = {
  name: 'anomalies',
  claim:
    'of jumps, frozen quotes, bad prints, crossed markets, arbitrage and level shifts 95 % are found, half of them within five events, with at most one false alarm a day and underlying',
  unit: 'anomalies of each kind',
  amounts: { ci: 20, full: 200 },
  async run(amount, progress) {
    const results = injectAnomalies(SEED, amount, (done) => progress((0.5 * done) / injectionNames.length));
    const seconds = amount * CLEAN_SECONDS;
    const clean = falseAlarms(SEED + 1, seconds, (second) => progress(amount * (0.5 + (0.5 * second) / seconds)));
    const { perDayAndUnderlying: alarms, byKind, total } = clean;
    for (const name of injectionNames) {
      const { injected, found, medianDelay } = results[name];
      if (found < LEAST_RECALL * injected) throw new Error(`${name}: ${found} of ${injected} were found`);
      if (medianDelay > MOST_DELAY) throw new Error(`${name}: found after ${medianDelay} events, half of them later`);
    }
    if (alarms > MOST_FALSE_ALARMS) {
      throw new Error(`${alarms.toFixed(2)} false alarms a day and underlying: ${JSON.stringify(byKind)}`);
    }
    return [
      ...injectionNames.flatMap((name) => {
        const { injected, found, medianDelay } = results[name];
        return [
          { name: `${name}: found`, unit: 'of all', value: found / injected, note: `${found} of ${injected}` },
          { name: `${name}: median delay`, unit: 'events', value: medianDelay },
        ];
      }),
      {
        name: 'false alarms',
        unit: 'a day and underlying',
        value: alarms,
        note: `${total} in ${(seconds / 86_400).toFixed(1)} days of two underlyings`,
      },
    ];
  },
};
