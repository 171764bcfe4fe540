import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  ChainReplay,
  type RecordedChain,
  readChains,
  type SnapshotResult,
  summarise,
} from '../../../actors/testing/filter/chain-replay.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import type { BenchResult } from '../../report.js';
import type { Proof } from '../proof.js';

const FOLDER = 'deribit/chains-2026';
const CURRENCIES = ['BTC', 'ETH'] as const;
/** Points that the learnt dynamics must gain on the plain smile; a part of the recording, whose first weeks are quiet, shows the sign alone. */
const LEAST_GAIN = 0.02;
const WHOLE = 481;

/** The first chains of a currency, month after month. */
function* chainsOf(folder: string, currency: string, most: number): Iterable<RecordedChain> {
  let given = 0;
  for (const file of readdirSync(folder)
    .filter((name) => name.startsWith('chain_'))
    .sort()) {
    if (given >= most) return;
    for (const chain of readChains(gunzipSync(readFileSync(join(folder, file))).toString(), currency)) {
      if (given++ < most) yield chain;
    }
  }
}

/** Recorded chains through the filter: values inside the market after a refit, and six hours later with only the forward moved. */
export const proof: Proof = {
  name: 'chain-replay',
  claim:
    'the filter’s values of two-sided out-of-the-money quotes lie inside bid and ask at least as often as the venue’s mark right after a refit, and six hours later, with only the forward moved, two points more often than a plain sticky smile; none can be arbitraged',
  unit: 'snapshots',
  amounts: { ci: 80, full: 481 },
  async run(amount, progress) {
    const folder = sharedData(FOLDER);
    if (folder === undefined) throw new Error(`the recording ${FOLDER} is not there`);
    const results: (SnapshotResult & { currency: string })[] = [];
    let done = 0;
    for (const currency of CURRENCIES) {
      let replay: ChainReplay | undefined;
      for (const chain of chainsOf(folder, currency, amount)) {
        replay ??= new ChainReplay(chain.time);
        results.push({ ...replay.play(chain), currency });
        progress(++done / CURRENCIES.length);
        // Between two snapshots others have their turn.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    const { fitted, mark, carried, sticky, gain, gainError, pairs, arbitrage } = summarise(results);
    const each = CURRENCIES.map((currency) => ({
      currency,
      ...summarise(results.filter((one) => one.currency === currency)),
    }));
    const figures: BenchResult[] = [
      {
        name: 'inside bid and ask right after a refit',
        unit: '%',
        value: 100 * fitted,
        peer: 'venue’s mark',
        peerValue: 100 * mark,
      },
      {
        name: 'inside six hours later, only the forward moved',
        unit: '%',
        value: 100 * carried,
        peer: 'sticky smile',
        peerValue: 100 * sticky,
      },
      {
        name: 'gain on the sticky smile, paired',
        unit: 'points',
        value: 100 * gain,
        note: `standard error ${(100 * gainError).toFixed(2)} over ${pairs} pairs of snapshots`,
      },
      ...each.map((one) => ({
        name: `gain on the sticky smile, ${one.currency}`,
        unit: 'points',
        value: 100 * one.gain,
        note: `standard error ${(100 * one.gainError).toFixed(2)} over ${one.pairs} pairs of snapshots`,
      })),
      { name: 'points of published arbitrage', unit: 'points', value: arbitrage },
    ];
    if (!(fitted >= mark))
      throw new Error(
        `${(100 * fitted).toFixed(2)} % lie inside after a refit, the mark's ${(100 * mark).toFixed(2)} %`,
      );
    const expected = amount >= WHOLE ? LEAST_GAIN : 0;
    for (const one of [{ currency: 'both together', gain }, ...(expected > 0 ? each : [])]) {
      if (one.gain >= expected) continue;
      throw new Error(
        `the gain on a sticky smile is ${(100 * one.gain).toFixed(2)} points for ${one.currency}, expected ${100 * expected} or more`,
      );
    }
    if (arbitrage > 0) throw new Error(`${arbitrage} points of arbitrage were published`);
    return figures;
  },
};
