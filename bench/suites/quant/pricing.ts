import { createRequire } from 'node:module';
import { BlackScholes } from '@uqee/black-scholes';
import {
  black76ChainGreeks,
  black76ChainImpliedVols,
  black76Greeks,
  black76ImpliedVol,
  black76Price,
  createOptionChain,
  GREEK_COUNT,
  inverseGreeks,
} from '../../../engine/quant/index.js';
import { uniform } from '../../../engine/testing/random.js';
import type { BenchResult } from '../../report.js';
import { measureQuantLib } from './quantlib.js';
import { median, nanosecondsPer } from './timing.js';

const OPTIONS = 1024;
const CHAIN = 900;

type Peer = (s: number, k: number, t: number, v: number, r: number, type: string) => number;

/**
 * Out-of-the-money options as a crypto chain has them: an hour to a year, 20 to 120 % volatility, strikes to 2.5 standard
 * deviations, in no order, so that no branch is easy to predict.
 */
function sampleOptions() {
  const next = uniform(1976);
  const chain = createOptionChain(OPTIONS);
  const price = new Float64Array(OPTIONS);
  for (let option = 0; option < OPTIONS; option++) {
    const [F, T, sigma] = [65_000, 1e-4 + next(), 0.2 + next()];
    const K = F * Math.exp(sigma * Math.sqrt(T) * (5 * next() - 2.5));
    chain.forward[option] = F;
    chain.strike[option] = K;
    chain.years[option] = T;
    chain.sigma[option] = sigma;
    chain.isCall[option] = K > F ? 1 : 0;
    price[option] = black76Price(F, K, T, sigma, K > F);
  }
  return { ...chain, price };
}

/** The slowest input: for each, the median of 1,000 repeats of a few calls. */
function slowestImpliedVol(options: ReturnType<typeof sampleOptions>, inputs: number): number {
  const { forward, strike, years, isCall, price } = options;
  const calls = 8;
  let slowest = 0;
  let sink = 0;
  for (let option = 0; option < inputs; option++) {
    const [F, K, T, call, premium] = [
      forward[option]!,
      strike[option]!,
      years[option]!,
      isCall[option] === 1,
      price[option]!,
    ];
    const times: number[] = [];
    for (let repeat = 0; repeat < 1000; repeat++) {
      const start = process.hrtime.bigint();
      for (let count = 0; count < calls; count++) sink += black76ImpliedVol(premium, F, K, T, call);
      times.push(Number(process.hrtime.bigint() - start) / calls);
    }
    slowest = Math.max(slowest, median(times));
  }
  if (Number.isNaN(sink)) throw new Error('an option of the sample has no implied volatility');
  return slowest;
}

/** Extreme inputs: |x| to 32, s from 1e-8 to 8, values to 1e-300. */
function extremeOptions() {
  const next = uniform(32);
  const options = sampleOptions();
  for (let option = 0; option < OPTIONS; ) {
    const s = 10 ** (-8 + 8.9 * next());
    const x = Math.min(32, s * 36 * next());
    const [F, K] = [Math.exp(-0.5 * x), Math.exp(0.5 * x)];
    const price = black76Price(F, K, 1, s, true);
    if (!(price > 1e-300 && price < F)) continue;
    options.forward[option] = F;
    options.strike[option] = K;
    options.years[option] = 1;
    options.sigma[option] = s;
    options.isCall[option] = 1;
    options.price[option] = price;
    option++;
  }
  return options;
}

/** Prices, Greeks and implied volatilities, beside the npm packages and QuantLib. */
export function pricingResults(progress: (line: string) => void): BenchResult[] {
  const options = sampleOptions();
  const { forward: F, strike: K, years: T, sigma, isCall, price } = options;
  const out = new Float64Array(GREEK_COUNT);
  let sink = 0;

  progress('quant: prices, Greeks, implied volatilities');
  const priceNs = nanosecondsPer(() => {
    for (let i = 0; i < OPTIONS; i++) sink += black76Price(F[i]!, K[i]!, T[i]!, sigma[i]!, isCall[i] === 1);
  }, OPTIONS);
  const greeksNs = nanosecondsPer(() => {
    for (let i = 0; i < OPTIONS; i++) black76Greeks(out, F[i]!, K[i]!, T[i]!, sigma[i]!, isCall[i] === 1);
  }, OPTIONS);
  const inverseNs = nanosecondsPer(() => {
    for (let i = 0; i < OPTIONS; i++) inverseGreeks(out, F[i]!, K[i]!, T[i]!, sigma[i]!, isCall[i] === 1);
  }, OPTIONS);
  const impliedNs = nanosecondsPer(() => {
    for (let i = 0; i < OPTIONS; i++) sink += black76ImpliedVol(price[i]!, F[i]!, K[i]!, T[i]!, isCall[i] === 1);
  }, OPTIONS);
  const slowest = slowestImpliedVol(options, 256);
  const slowestExtreme = slowestImpliedVol(extremeOptions(), 256);

  const columns = new Float64Array(GREEK_COUNT * CHAIN);
  const vols = new Float64Array(CHAIN);
  const chainUs = nanosecondsPer(() => black76ChainGreeks(columns, options, CHAIN), 1000);
  const chainVolsUs = nanosecondsPer(() => black76ChainImpliedVols(vols, options, CHAIN), 1000);

  progress('quant: npm peers');
  const uqee = new BlackScholes();
  const typeOf = (option: number): 'call' | 'put' => (isCall[option] === 1 ? 'call' : 'put');
  // The peer takes objects: they are made beforehand, so that only its own work is timed.
  const contract = (i: number) => ({ rate: 0, strike: K[i]!, time: T[i]!, type: typeOf(i), underlying: F[i]! });
  const toPrice = Array.from(sigma, (vol, i) => ({ ...contract(i), sigma: vol }));
  const toSolve = Array.from(price, (value, i) => ({ ...contract(i), price: value }));
  const uqeeNs = nanosecondsPer(() => {
    for (const option of toPrice) sink += uqee.option(option).price;
  }, OPTIONS);
  const uqeeVolNs = nanosecondsPer(() => {
    for (const option of toSolve) sink += uqee.sigma(option);
  }, OPTIONS);
  const { blackScholes } = createRequire(import.meta.url)('black-scholes') as { blackScholes: Peer };
  const npmNs = nanosecondsPer(
    () => {
      for (let i = 0; i < 64; i++) sink += blackScholes(F[i]!, K[i]!, T[i]!, sigma[i]!, 0, typeOf(i));
    },
    64,
    40,
  );
  if (sink === 0) throw new Error('nothing was measured');

  progress('quant: QuantLib, compiled now (half a minute)');
  const quantLib = measureQuantLib(
    Array.from(price, (value, i) => `${F[i]} ${K[i]} ${T[i]} ${sigma[i]} ${value} ${isCall[i]}`),
  );

  const beside = (peer: string, peerValue: number, value: number) => ({ peer, peerValue, ratio: peerValue / value });
  const results: BenchResult[] = [
    { name: 'price', unit: 'ns', value: priceNs, ...beside('npm black-scholes', npmNs, priceNs) },
    {
      name: 'price + all Greeks',
      unit: 'ns',
      value: greeksNs,
      ...beside('@uqee price + 5 Greeks', uqeeNs, greeksNs),
      note: 'the peer interpolates: its error is 2e-7 F',
    },
    { name: 'coin price + all coin Greeks', unit: 'ns', value: inverseNs },
    { name: 'implied vol', unit: 'ns', value: impliedNs, ...beside('@uqee', uqeeVolNs, impliedNs) },
    { name: 'implied vol, slowest input', unit: 'ns', value: slowest },
    { name: 'implied vol, slowest extreme input', unit: 'ns', value: slowestExtreme },
    { name: 'chain of 900: price + all Greeks', unit: 'us', value: chainUs },
    { name: 'chain of 900: implied vols', unit: 'us', value: chainVolsUs },
  ];
  if (typeof quantLib === 'string') {
    progress(`quant: ${quantLib}`);
    results.push({ name: 'implied vol beside QuantLib', unit: 'ns', value: impliedNs, note: quantLib });
    return results;
  }
  const { version, newtonError } = quantLib;
  results.push(
    {
      name: 'price beside QuantLib',
      unit: 'ns',
      value: priceNs,
      ...beside(`QuantLib ${version} blackFormula`, quantLib.price, priceNs),
    },
    {
      name: 'implied vol beside QuantLib',
      unit: 'ns',
      value: impliedNs,
      ...beside(`QuantLib ${version} safe Newton`, quantLib.newtonImpliedVol, impliedNs),
      note: `the peer's largest relative error here: ${newtonError.toExponential(1)}`,
    },
    {
      name: 'implied vol beside QuantLib LiRS',
      unit: 'ns',
      value: impliedNs,
      ...beside(`QuantLib ${version} Li-RS`, quantLib.lirsImpliedVol, impliedNs),
    },
  );
  return results;
}
