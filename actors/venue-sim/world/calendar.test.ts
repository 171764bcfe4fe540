import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { deribitExpiry } from '../../../engine/market/chain-csv.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { DAY_MS, listedExpiries, nextRoll, Tenor, tenorOf } from './calendar.js';

const chain = sharedData('deribit/chains-2026/chain_2026-02.csv.gz');

describe('the listing of expiries', () => {
  it.skipIf(chain === undefined)('is that of every recorded chain of February 2026', () => {
    const lines = gunzipSync(readFileSync(chain!)).toString('utf8').trim().split('\n').slice(1);
    const recorded = new Map<number, Set<number>>();
    for (const line of lines) {
      const [time = '', name = ''] = line.split(',', 2);
      if (!name.startsWith('BTC-')) continue;
      const listed = recorded.get(Number(time)) ?? new Set();
      recorded.set(Number(time), listed);
      listed.add(deribitExpiry(name.split('-')[1]!));
    }
    expect(recorded.size).toBeGreaterThan(100);
    for (const [time, expiries] of recorded) {
      expect(listedExpiries(time).map((expiry) => expiry.time)).toEqual([...expiries].sort((a, b) => a - b));
    }
  });

  it('goes on from one 08:00 UTC to the next, and what expires then is gone', () => {
    const roll = Date.UTC(2026, 4, 29, 8);
    expect(nextRoll(roll - 1)).toBe(roll);
    expect(nextRoll(roll)).toBe(roll + DAY_MS);
    expect(listedExpiries(roll - 1)[0]!.time).toBe(roll);
    expect(listedExpiries(roll)[0]!.time).toBe(roll + DAY_MS);
  });

  it('knows an expiry by its day', () => {
    expect(tenorOf(Date.UTC(2026, 0, 29, 8))).toBe(Tenor.DAILY);
    expect(tenorOf(Date.UTC(2026, 0, 23, 8))).toBe(Tenor.WEEKLY);
    expect(tenorOf(Date.UTC(2026, 0, 30, 8))).toBe(Tenor.MONTHLY);
    expect(tenorOf(Date.UTC(2026, 2, 27, 8))).toBe(Tenor.QUARTERLY);
  });
});
