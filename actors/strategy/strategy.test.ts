import { expect, it } from 'vitest';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { desiredQuotes, tops } from '../streams.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench } from '../testing/stage/stage-bench.js';
import { touchJoiner } from './touch-joiner.js';

function quotes(bench: StageBench, bid: number, ask: number, state: number = BookState.LIVE): number[][] {
  const written = bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
    top.mutate_instrument(2);
    top.mutate_state(state);
    top.mutate_bidPrice(bid);
    top.mutate_askPrice(ask);
  });
  return written.map(({ body }) => {
    const quote = new DesiredQuote().__init(0, new ViewBuffer(body.buffer));
    return [quote.strategy(), quote.bidPrice(), quote.bidAmount(), quote.askPrice(), quote.askAmount()];
  });
}

it('the example joins the touch where the spread is wide enough, says so once, and leaves', () => {
  const bench = new StageBench(
    [passingStage('book', tops, [MessageType.BOOK_TOP]), touchJoiner(4, { amount: 3 })],
    desiredQuotes,
  );
  expect(quotes(bench, 100, 101)).toEqual([]);
  expect(quotes(bench, 100, 110)).toEqual([[16, 100, 3, 110, 3]]);
  expect(quotes(bench, 100, 110)).toEqual([]);
  expect(quotes(bench, 100, 110, BookState.STALE)).toEqual([[16, Number.NaN, 0, Number.NaN, 0]]);
});

it.each([
  [{ leastSpread: 2 }, "strategy 'touch-joiner': expected leastSpread (part of the mid) from 0 to 1, found 2"],
  [
    { amount: Number.NaN },
    "strategy 'touch-joiner': expected amount (the venue's amount unit) from 0 to 1000, found NaN",
  ],
])('parameters out of bounds are refused by name (%#)', (changes, message) => {
  expect(() => touchJoiner(4, changes)).toThrow(message);
});

it('a parameter that is none is refused with those that there are', () => {
  const wrong: Record<string, number> = { spread: 1 };
  expect(() => touchJoiner(4, wrong)).toThrow('there is no parameter spread; there are leastSpread, amount');
});
