import type { BenchSuite } from '../report.js';
import { pricingResults } from './quant/pricing.js';

/** The mathematics: prices and implied volatilities, … */
export const suite: BenchSuite = (progress) => [...pricingResults(progress)];
