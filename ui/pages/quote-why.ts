import type { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { fixed, signed } from '../format.js';
import { nameOf, pullReasons, quoteLimits } from './codes.js';

/** What is less is nothing with six decimals. */
const LEAST_SHOWN = 0.5e-6;

/** Parts of a half width, in the venue's price unit. */
export const widths = [
  'widthBase',
  'widthUncertainty',
  'widthRegime',
  'widthEvent',
  'widthExpiry',
  'widthMarkout',
  'widthToxicity',
] as const;
/** Parts of the shift of both prices, in the venue's price unit. */
export const skews = ['skewVega', 'skewDelta', 'skewGamma', 'skewPosition', 'skewFlow', 'skewManual'] as const;

type Part = (typeof widths | typeof skews)[number];

/** The sum of such parts of a quote. */
export function sumOf(quote: DesiredQuote, parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + quote[part](), 0);
}

/** Why a quote is as it is, or why there is none, in words. */
export function quoteWhy(quote: DesiredQuote): string {
  const told = [missing(quote)];
  // What was pulled for a reason from outside was not made, and has no parts.
  if (sumOf(quote, widths) !== 0) {
    told.push(`half width ${fixed(sumOf(quote, widths), 6)} = ${partsOf(quote, widths)}`);
    told.push(`skew ${signed(sumOf(quote, skews), 6)} = ${partsOf(quote, skews)}`);
    told.push(`rounding ${signed(quote.roundingBid(), 6)} / ${signed(quote.roundingAsk(), 6)}`);
    const bound = quote.bindingLimit();
    told.push(`limit ${bound === 0 ? 'none' : `${nameOf(quoteLimits, bound)} at ${signed(quote.bindingValue(), 6)}`}`);
    if (quote.sizeLimit() !== 0) told.push(`size by ${nameOf(quoteLimits, quote.sizeLimit())}`);
  }
  return told.filter((part) => part !== '').join(' · ');
}

function missing(quote: DesiredQuote): string {
  const [bid, ask] = [quote.bidAmount() > 0, quote.askAmount() > 0];
  if (bid && ask) return '';
  const what = bid ? 'no offer' : ask ? 'no bid' : 'not quoted';
  const reason = quote.pullReason();
  return reason === 0 ? what : `${what}: ${nameOf(pullReasons, reason)}`;
}

function partsOf(quote: DesiredQuote, parts: readonly Part[]): string {
  const shown = parts.filter((part) => Math.abs(quote[part]()) >= LEAST_SHOWN);
  if (shown.length === 0) return '0';
  return shown
    .map((part) => `${part.replace(/^(width|skew)/, '').toLowerCase()} ${signed(quote[part](), 6)}`)
    .join(' ');
}
