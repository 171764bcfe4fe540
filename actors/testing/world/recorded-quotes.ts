import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { deribitExpiry } from '../../../engine/market/chain-csv.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import type { Quote } from './quote-statistics.js';

const DAY_MS = 86_400_000;

/** Chains by time and currency and expiry, as quotes: every `every`-th snapshot of a recorded month; undefined where absent. */
export function recordedQuotes(month: string, every = 1): Map<string, Quote[]> | undefined {
  const path = sharedData(`deribit/chains-2026/chain_${month}.csv.gz`);
  if (path === undefined) return undefined;
  const text = gunzipSync(readFileSync(path)).toString('latin1');
  const expiries = new Map<string, Quote[]>();
  let snapshot = -1;
  let current = '';
  for (let start = text.indexOf('\n') + 1; start > 0 && start < text.length; start = text.indexOf('\n', start) + 1) {
    const time = text.slice(start, text.indexOf(',', start));
    if (time !== current) {
      current = time;
      snapshot++;
    }
    if (snapshot % every !== 0) continue;
    const line = text.slice(start, text.indexOf('\n', start));
    const [, name = '', bid, ask, mark, markVol, delta, vega, forward] = line.split(',');
    const [currency = '', date = '', strike, right] = name.split('-');
    const key = `${time} ${currency} ${date}`;
    const list = expiries.get(key) ?? [];
    if (list.length === 0) expiries.set(key, list);
    list.push({
      currency,
      days: (deribitExpiry(date) - Number(time)) / DAY_MS,
      delta: Number(delta),
      isCall: right === 'C',
      bid: Number(bid),
      ask: Number(ask),
      mark: Number(mark),
      markVol: Number(markVol),
      vega: Number(vega),
      forward: Number(forward),
      strike: Number(strike),
    });
  }
  return expiries;
}
