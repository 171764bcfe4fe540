import { QuoteModelCode } from '../../engine/market/quoting/codes.js';
import type { QuotingSettings } from '../../engine/market/quoting/settings.js';

export type Quoting = Partial<QuotingSettings>;

/** A quoting model and the settings that it is tuned on. */
export interface Model {
  name: string;
  grid: Quoting[];
}

/** Half widths in coin, and amounts in smallest amounts: who quotes more everywhere earns more and holds more. */
const widths = [0.003, 0.0045];
const amounts = [10, 30];
const pairs = widths.flatMap((halfWidth) => amounts.map((amount) => ({ halfWidth, amount })));

/** Three models, the same number of settings each. */
export const models: readonly Model[] = [
  {
    name: 'options model',
    grid: [2, 3].flatMap((edgeClips) => [0.1, 0.3].map((aversion) => ({ edgeSizeMost: 5, edgeClips, aversion }))),
  },
  {
    name: 'fixed width',
    grid: pairs.map((pair) => ({ model: QuoteModelCode.FIXED_WIDTH, relativeHalfWidth: 0, ...pair })),
  },
  {
    name: 'mid skewer',
    grid: pairs.map((pair) => ({ model: QuoteModelCode.MID_SKEW, relativeHalfWidth: 0, midSkew: 1, ...pair })),
  },
];
