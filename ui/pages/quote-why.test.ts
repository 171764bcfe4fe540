import { describe, expect, it } from 'vitest';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { pullReasons, quoteLimits } from './codes.js';
import { quoteWhy } from './quote-why.js';

const POSITION_LIMIT = quoteLimits.indexOf('position');

function quoteOf(fill: (quote: DesiredQuote) => void): DesiredQuote {
  const quote = new DesiredQuote().__init(0, new ViewBuffer(new ArrayBuffer(DesiredQuote.sizeOf())));
  fill(quote);
  return quote;
}

/** An option that is quoted on both sides. */
function made(quote: DesiredQuote): void {
  quote.mutate_bidAmount(10);
  quote.mutate_askAmount(10);
  quote.mutate_widthBase(0.0002);
  quote.mutate_skewVega(-0.00002);
}

describe('why a quote is as it is', () => {
  it('is what its width and its skew are made of, without the parts that are nothing, and what bound them', () => {
    const why = quoteWhy(quoteOf(made));
    expect(why).toMatch(
      /^half width 0\.000200 = base \+0\.000200 · skew -0\.000020 = vega -0\.000020 · .* · limit none$/,
    );
  });

  it('is the reason of a pause alone, where an option was paused', () => {
    const paused = quoteOf((quote) => quote.mutate_pullReason(pullReasons.indexOf('operator')));
    expect(quoteWhy(paused)).toBe('not quoted: operator');
  });

  it('names the side that is missing, and why, beside what the other is made of', () => {
    const oneSided = quoteOf((quote) => {
      made(quote);
      quote.mutate_bidAmount(0);
      quote.mutate_pullReason(pullReasons.indexOf('below a tick'));
    });
    expect(quoteWhy(oneSided)).toMatch(/^no bid: below a tick · half width 0\.000200 = /);
  });

  it('names what bound the amount', () => {
    const bound = quoteOf((quote) => {
      made(quote);
      quote.mutate_askAmount(0);
      quote.mutate_sizeLimit(POSITION_LIMIT);
    });
    expect(quoteWhy(bound)).toMatch(/^no offer · .* · size by position$/);
  });
});
