/** Options market making with vega inventory. */

export type { InventoryScheme } from './fill-income.js';
export { type HestonParameters, hestonCall } from './heston.js';
export { type LogisticFills, logisticDistance, logisticFillRate, type QuotedOption } from './logistic-fills.js';
export type { VarianceGrid, VegaQuoterParameters } from './vega-equation.js';
export { VegaQuoter } from './vega-quoter.js';
