import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../engine/testing/shared-data.js';
import { ChainReplay, readChains, summarise } from '../testing/filter/chain-replay.js';

/** A week in which the coin fell by a tenth. */
const FILE = 'deribit/chains-2026/chain_2026-02.csv.gz';
const SNAPSHOTS = 14;
const file = sharedData(FILE);

describe.skipIf(file === undefined)('recorded chains through the filter', () => {
  it('values lie inside bid and ask more often than the venue’s mark, move better than a sticky smile, and cannot be arbitraged', () => {
    const chains = readChains(gunzipSync(readFileSync(file!)).toString(), 'BTC').slice(0, SNAPSHOTS);
    const replay = new ChainReplay(chains[0]!.time);
    const result = summarise(chains.map((chain) => replay.play(chain)));
    expect(result.fitted).toBeGreaterThan(0.97);
    expect(result.fitted).toBeGreaterThanOrEqual(result.mark);
    expect(result.carried).toBeGreaterThan(result.sticky);
    expect(result.arbitrage).toBe(0);
  });
});
