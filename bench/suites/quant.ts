import type { BenchSuite } from '../report.js';
import { pricingResults } from './quant/pricing.js';
import { suite as quoting } from './quant/quoting.js';
import { suite as surface } from './quant/surface.js';
import { suite as volatility } from './quant/volatility.js';

/** The mathematics: prices and implied volatilities, surface, volatility models, quoting. */
export const suite: BenchSuite = async (progress) => [
  ...pricingResults(progress),
  ...(await surface(progress)),
  ...(await volatility(progress)),
  ...(await quoting(progress)),
];
