import { expect, it } from 'vitest';
import { OrderAction, OrderFlag, SendOutcome, Side, VenueOrderState } from '../../engine/market/orders/codes.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { Quote } from '../../schemas/generated/quote.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { MessageType } from '../../schemas/message-type.js';
import { BookState } from '../book/book.js';
import { FilterWorld } from '../testing/filter/filter-world.js';
import { marketQuote, syntheticChain } from '../testing/filter/synthetic-chain.js';

const START = Date.UTC(2026, 0, 5, 12) * 1000;
const SECOND = 1e6;
const FORWARD = 60_000;
const ROUNDS = 12;
const chain = syntheticChain(START, [9, 30], 15);
const option = chain.options.find(({ strike, isCall }) => isCall && Math.abs(strike - FORWARD) < 1500)!;

/** A chain with its surface; our bid for one option stands just below the offer of others. */
function quotedWorld(ownInMarket: boolean): { world: FilterWorld; bid: number; ask: number; own: number } {
  const world = new FilterWorld(START, { instruments: 512, ownInMarket });
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  hearPerpetual(world);
  for (const each of chain.options) {
    world.ticker(each.id, { ...marketQuote(each, FORWARD, world.now), underlying: FORWARD, index: FORWARD });
  }
  world.advance(START + 2 * SECOND);
  const { bid = 0, ask = 0 } = marketQuote(option, FORWARD, world.now);
  const own = bid + 0.9 * (ask - bid);
  world.event(MessageType.SEND_REPORT, SendReport.sizeOf(), (buffer, body) => {
    const report = new SendReport().__init(body, buffer);
    report.mutate_outcome(SendOutcome.SENT);
    const order = report.order(new ApprovedOrder())!;
    order.mutate_action(OrderAction.QUOTE);
    order.mutate_instrument(option.id);
    order.mutate_side(Side.BUY);
    order.mutate_orderSeq(7);
    order.mutate_price(own);
    order.mutate_amount(1);
  });
  world.event(MessageType.ORDER_REPORT, OrderReport.sizeOf(), (buffer, body) => {
    const report = new OrderReport().__init(body, buffer);
    report.mutate_instrument(option.id);
    report.mutate_side(Side.BUY);
    report.mutate_flags(OrderFlag.QUOTE);
    report.mutate_orderSeq(7);
    report.mutate_state(VenueOrderState.OPEN);
    report.mutate_price(own);
    report.mutate_amount(1);
  });
  return { world, bid, ask, own };
}

function hearPerpetual(world: FilterWorld): void {
  world.ticker(chain.perpetual.id, { bid: FORWARD - 0.5, ask: FORWARD + 0.5, index: FORWARD });
}

/** How far the option's volatility has gone when this was heard again and again. */
function drift(world: FilterWorld, hear: () => void): number {
  const before = world.theo(option.id)!.volatility;
  for (let round = 0; round < ROUNDS; round++) {
    world.advance(world.now + SECOND);
    hearPerpetual(world);
    hear();
  }
  return Math.abs(world.theo(option.id)!.volatility - before);
}

it('a value does not follow our own quote where a ticker shows it as the best', () => {
  const move = [false, true].map((ownInMarket) => {
    const { world, ask, own } = quotedWorld(ownInMarket);
    return drift(world, () => world.ticker(option.id, { bid: own, ask, underlying: FORWARD, index: FORWARD }));
  });
  // Of a feed that holds nothing of ours the bid is others', and is believed.
  expect(move[0]).toBeGreaterThan(5e-4);
  expect(move[1]).toBeLessThan(move[0]! / 5);
});

it('nor where a feed of best prices does', () => {
  const move = [false, true].map((ownInMarket) => {
    const { world, ask, own } = quotedWorld(ownInMarket);
    return drift(world, () =>
      world.event(MessageType.QUOTE, Quote.sizeOf(), (buffer, body) => {
        const quote = new Quote().__init(body, buffer);
        quote.mutate_instrument(option.id);
        quote.mutate_bidPrice(own);
        quote.mutate_bidAmount(1);
        quote.mutate_askPrice(ask);
        quote.mutate_askAmount(1);
        quote.mutate_indexPrice(FORWARD);
        quote.mutate_underlyingPrice(FORWARD);
      }),
    );
  });
  expect(move[0]).toBeGreaterThan(5e-4);
  expect(move[1]).toBeLessThan(move[0]! / 5);
});

it('what stands beside our own at the best price is the market, and is followed', () => {
  const { world, ask, own } = quotedWorld(true);
  const move = drift(world, () =>
    world.event(MessageType.QUOTE, Quote.sizeOf(), (buffer, body) => {
      const quote = new Quote().__init(body, buffer);
      quote.mutate_instrument(option.id);
      quote.mutate_bidPrice(own);
      quote.mutate_bidAmount(3);
      quote.mutate_askPrice(ask);
      quote.mutate_askAmount(1);
      quote.mutate_indexPrice(FORWARD);
      quote.mutate_underlyingPrice(FORWARD);
    }),
  );
  expect(move).toBeGreaterThan(5e-4);
});

it('a book that stands still holds against tickers, until it is stale', () => {
  const { world, bid, ask, own } = quotedWorld(false);
  const top = (state: number): void =>
    world.event(MessageType.BOOK_TOP, BookTop.sizeOf(), (buffer, body) => {
      const told = new BookTop().__init(body, buffer);
      told.mutate_instrument(option.id);
      told.mutate_state(state);
      told.mutate_bidPrice(bid);
      told.mutate_bidAmount(1);
      told.mutate_askPrice(ask);
      told.mutate_askAmount(1);
    });
  top(BookState.LIVE);
  const hear = (): void => world.ticker(option.id, { bid: own, ask, underlying: FORWARD, index: FORWARD });
  const live = drift(world, hear);
  top(BookState.STALE);
  const stale = drift(world, hear);
  expect(stale).toBeGreaterThan(5e-4);
  expect(live).toBeLessThan(stale / 5);
});
