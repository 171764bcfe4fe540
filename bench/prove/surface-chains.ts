/**
 * Fits every recorded chain of `deribit/chains-2026` and judges the surfaces from outside: arbitrage by finite differences of
 * total variance, quotes inside bid and ask beside the venue's own mark, distance to the mark; by month, currency and expiry.
 *
 *   node dist/bench/prove/surface-chains.js [every-nth-chain] [--json]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Chain, parseChains } from '../../engine/market/chain-csv.js';
import {
  butterflyArbitrage,
  calendarArbitrage,
  fitSurface,
  type SurfaceFit,
} from '../../engine/quant/surface/index.js';
import { sharedData } from '../../engine/testing/shared-data.js';

const DAY = 1 / 365;
const LEAST_QUOTES = 6;
const BUCKETS: readonly (readonly [label: string, days: number])[] = [
  ['1-4 d', 4],
  ['4-11 d', 11],
  ['11-36 d', 36],
  ['36-110 d', 110],
  ['beyond', Number.POSITIVE_INFINITY],
];

interface Tally {
  quotes: number;
  fit: number;
  mark: number;
  distances: number[];
}

const tallies = new Map<string, Tally>();
let chains = 0;
let butterflies = 0;
let calendars = 0;
let shrunk = 0;
const times: number[] = [];

function tally(key: string): Tally {
  let found = tallies.get(key);
  if (found === undefined) {
    found = { quotes: 0, fit: 0, mark: 0, distances: [] };
    tallies.set(key, found);
  }
  return found;
}

/** Counts pairs of slices and slices with arbitrage out to 5 standard deviations, of their own and of the widest. */
function judgeArbitrage({ slices }: SurfaceFit): void {
  const widest = Math.max(...slices.map((slice) => Math.sqrt(slice.totalVariance(0))));
  slices.forEach((slice, index) => {
    const own = Math.sqrt(slice.totalVariance(0));
    for (const reach of [5, (5 * widest) / own]) {
      if (butterflyArbitrage(slice, { reach, points: 250 }).length > 0) butterflies++;
      if (index > 0 && calendarArbitrage(slices[index - 1]!, slice, { reach, points: 250 }).length > 0) calendars++;
    }
  });
}

function judgeQuotes(chain: Chain, fit: SurfaceFit, month: string): void {
  for (const expiry of chain.expiries) {
    const quotes = expiry.quotes.filter(({ bidIv, askIv }) => bidIv > 0 && askIv > 0);
    const slice = fit.slices.find(({ T }) => T === expiry.T);
    if (slice === undefined || expiry.T <= DAY || quotes.length < LEAST_QUOTES) continue;
    const bucket = BUCKETS.find(([, days]) => expiry.T * 365 < days)![0];
    const counted = [
      tally(`${month} ${chain.currency}`),
      tally(`${chain.currency} ${bucket}`),
      tally(`all ${chain.currency}`),
    ];
    for (const { K, bidIv, askIv, markIv } of quotes) {
      const vol = slice.impliedVol(K);
      for (const each of counted) {
        each.quotes++;
        if (vol >= bidIv && vol <= askIv) each.fit++;
        if (markIv >= bidIv && markIv <= askIv) each.mark++;
        each.distances.push(Math.abs(vol - markIv) * 1e4);
      }
    }
  }
}

function judge(chain: Chain): void {
  const start = performance.now();
  const fit = fitSurface({ slices: chain.expiries });
  times.push(performance.now() - start);
  chains++;
  if (fit.residualKept < 1) shrunk++;
  judgeArbitrage(fit);
  judgeQuotes(chain, fit, new Date(chain.time).toISOString().slice(0, 7));
}

const quantile = (values: number[], part: number): number =>
  values.sort((a, b) => a - b)[Math.min(Math.floor(part * values.length), values.length - 1)]!;

function summary() {
  const groups = [...tallies].map(([group, { quotes, fit, mark, distances }]) => ({
    group,
    quotes,
    insidePercent: (100 * fit) / quotes,
    markInsidePercent: (100 * mark) / quotes,
    medianBpToMark: quantile(distances, 0.5),
    p90BpToMark: quantile(distances, 0.9),
  }));
  return {
    chains,
    slicesWithButterfly: butterflies,
    pairsWithCalendar: calendars,
    chainsWithShrunkResidual: shrunk,
    fitMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) },
    groups,
  };
}

const folder = sharedData('deribit/chains-2026');
if (folder === undefined) {
  console.error(
    'surface-chains: the recorded chains (deribit/chains-2026 in ../shared/data) are not installed; nothing to judge',
  );
  process.exit(1);
}
const every = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 1);
for (const file of readdirSync(folder)
  .filter((name) => /^chain_.*\.csv\.gz$/.test(name))
  .sort()) {
  parseChains(gunzipSync(readFileSync(join(folder, file))).toString('utf8'))
    .filter((_, index) => Math.floor(index / 2) % every === 0)
    .forEach(judge);
  console.error(`${file}: ${chains} chains judged`);
}
const result = summary();
if (process.argv.includes('--json')) console.log(JSON.stringify(result, null, 2));
else {
  console.log(
    `${result.chains} chains, fit ${result.fitMs.p50.toFixed(1)} ms median, ${result.fitMs.max.toFixed(0)} ms at most`,
  );
  console.log(
    `butterfly arbitrage: ${butterflies} slices, calendar: ${calendars} pairs, residual shrunk: ${shrunk} chains`,
  );
  console.log('group             quotes  inside %  mark inside %  ahead by  median bp to mark   p90');
  for (const row of result.groups.sort((a, b) => (a.group < b.group ? -1 : 1))) {
    const ahead = row.insidePercent - row.markInsidePercent;
    console.log(
      `${row.group.padEnd(16)}${String(row.quotes).padStart(8)}${row.insidePercent.toFixed(2).padStart(10)}${row.markInsidePercent.toFixed(2).padStart(15)}${ahead.toFixed(2).padStart(10)}${row.medianBpToMark.toFixed(1).padStart(19)}${row.p90BpToMark.toFixed(1).padStart(6)}`,
    );
  }
}
