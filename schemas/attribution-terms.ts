/** The parts of a profit, by the names that the struct Attribution gives them and in its order; they add up to its total. */
export const ATTRIBUTION_TERMS = [
  'delta',
  'hedge',
  'gamma',
  'vega',
  'theta',
  'vanna',
  'volga',
  'edge',
  'hedgeCost',
  'fees',
  'funding',
  'settled',
  'residual',
] as const;

export type AttributionTerm = (typeof ATTRIBUTION_TERMS)[number];
