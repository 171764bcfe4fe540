import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../testing/allocation.js';

// Arguments change from call to call and visit every branch: wings, near the money, large volatility, both sides.
const setup = `
  const out = new Float64Array(16);
  const F = new Float64Array(64), K = new Float64Array(64), T = new Float64Array(64), sigma = new Float64Array(64);
  const price = new Float64Array(64);
  for (let j = 0; j < 64; j++) {
    F[j] = 65000.5 + j; T[j] = 0.003 + 0.04 * j; sigma[j] = 0.2 + 0.05 * (j % 31);
    K[j] = F[j] * Math.exp(sigma[j] * Math.sqrt(T[j]) * 0.7 * ((j % 17) - 8));
    price[j] = black76Price(F[j], K[j], T[j], sigma[j], K[j] > F[j]);
  }
  const chain = createOptionChain(64);
  chain.forward.set(F); chain.strike.set(K); chain.years.set(T); chain.sigma.set(sigma);
  const columns = new Float64Array(12 * 64);
  const priced = { ...chain, price };
  const vols = new Float64Array(64);
  const quotes = { strike: K.slice(0, 8), callBid: sigma, callAsk: sigma.map((x) => x + 0.01), putBid: sigma, putAsk: sigma.map((x) => x + 0.02) };
`;
const j = 'const j = i & 63;';
const kernels: Record<string, string> = {
  black76Price: `${j} sink += black76Price(F[j], K[j], T[j], sigma[j], K[j] > F[j]);`,
  inversePrice: `${j} sink += inversePrice(F[j], K[j], T[j], sigma[j], K[j] > F[j]);`,
  black76Greeks: `${j} black76Greeks(out, F[j], K[j], T[j], sigma[j], K[j] > F[j]);`,
  inverseGreeks: `${j} inverseGreeks(out, F[j], K[j], T[j], sigma[j], K[j] > F[j]);`,
  deribitGreeks: `${j} deribitGreeks(out, F[j], K[j], T[j], sigma[j], K[j] > F[j]);`,
  black76ImpliedVol: `${j} sink += black76ImpliedVol(price[j], F[j], K[j], T[j], K[j] > F[j]);`,
  inverseImpliedVol: `${j} sink += inverseImpliedVol(price[j] / F[j], F[j], K[j], T[j], K[j] > F[j]);`,
  solveImpliedVol: `${j} sink += solveImpliedVol(out, price[j], F[j], K[j], T[j], K[j] > F[j], 0.0005);`,
  black76ChainGreeks: `black76ChainGreeks(columns, chain, 64);`,
  inverseChainGreeks: `inverseChainGreeks(columns, chain, 64);`,
  black76ChainImpliedVols: `black76ChainImpliedVols(vols, priced, 64);`,
  normalCdf: `${j} sink += normalCdf(0.37 * (j - 32));`,
  normalPdf: `${j} sink += normalPdf(0.37 * (j - 32));`,
  erfc: `${j} sink += erfc(0.37 * (j - 8));`,
  erfcx: `${j} sink += erfcx(0.37 * (j - 8));`,
  logMoneyness: `${j} sink += logMoneyness(F[j], K[j]);`,
  pow: `${j} sink += pow(F[j] * 1e-4, 30 * sigma[j]);`,
  forwardInterval: `forwardInterval(out, quotes, 8, true);`,
  forwardFromParity: `forwardFromParity(out, quotes, 8, true);`,
  interpolateForward: `${j} sink += interpolateForward(T, F, 64, sigma[j]);`,
  inverseNormalCdf: `${j} sink += inverseNormalCdf((j + 0.5) / 64);`,
};

describe('allocates nothing', () => {
  for (const [name, call] of Object.entries(kernels)) {
    test(name, () => {
      const calls = name.includes('Chain') ? 20_000 : 200_000;
      expect(bytesPerCall({ module: 'engine/quant/index.js', setup, call }, calls)).toBe(0);
    });
  }

  test('the measurement sees a single boxed number', () => {
    const boxes = { module: 'engine/quant/index.js', setup: 'const kept = [];', call: 'kept[i & 7] = { i };' };
    expect(bytesPerCall(boxes)).toBeGreaterThanOrEqual(12);
  });
});
