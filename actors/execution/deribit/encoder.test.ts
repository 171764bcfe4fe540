import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../engine/market/instrument.js';
import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { OrderAction, OrderFlag, Scope, Side, TimeInForce, VenueReason } from '../../../engine/market/orders/codes.js';
import { writeVenueId } from '../../../engine/market/orders/venue-id.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { DISPATCH_DEFAULTS } from '../../dispatch/dispatch.js';
import { DefinitionMemory } from '../../feed/entry/definition-memory.js';
import { MOST_QUOTES, OrderEncoder } from './encoder.js';
import { limitOf, meaningOf } from './errors.js';
import { FrameWriter, MOST_FRAME_BYTES } from './frame-writer.js';
import { InstrumentNames } from './instrument-names.js';

const BODY = ApprovedOrder.sizeOf();

function instrument(name: string, priceIndex: string): Instrument {
  return {
    venue: 1,
    kind: InstrumentKind.OPTION,
    name,
    baseCurrency: priceIndex.slice(0, 3).toUpperCase(),
    quoteCurrency: 'BTC',
    settlementCurrency: 'BTC',
    counterCurrency: 'USD',
    priceIndex,
    inverse: true,
    right: 'call',
    state: LifeCycle.OPEN,
    strike: 100,
    expiry: 2e15,
    created: 1e15,
    contractSize: 1,
    minimumAmount: 0.1,
    tickSize: 0.0001,
    tickSteps: [],
    makerFee: 0,
    takerFee: 0,
    legs: [],
  };
}

function encoder(instruments = 3): OrderEncoder {
  const memory = DefinitionMemory.create(4096);
  for (let id = 0; id < instruments; id++) {
    memory.add(id, instrument(`BTC-26DEC26-${60_000 + id}-C`, id === 2 ? 'eth_usd' : 'btc_usd'));
  }
  return new OrderEncoder(new InstrumentNames(memory.memory, 4096));
}

function order(fields: {
  action: number;
  instrument?: number;
  side?: number;
  flags?: number;
  scope?: number;
  underlying?: number;
  price?: number;
  venueOrderId?: string;
  timeInForce?: number;
}): ViewBuffer {
  const buffer = new ViewBuffer(new ArrayBuffer(BODY));
  const approved = new ApprovedOrder().__init(0, buffer);
  approved.mutate_action(fields.action);
  approved.mutate_instrument(fields.instrument ?? 0);
  approved.mutate_side(fields.side ?? Side.BUY);
  approved.mutate_flags(fields.flags ?? 0);
  approved.mutate_scope(fields.scope ?? 0);
  approved.mutate_underlying(fields.underlying ?? 0);
  approved.mutate_timeInForce(fields.timeInForce ?? TimeInForce.UNTIL_CANCELLED);
  approved.mutate_run(7);
  approved.mutate_orderSeq(100_000);
  approved.mutate_index(2);
  approved.mutate_price(fields.price ?? 0.0405);
  approved.mutate_amount(12.5);
  approved.mutate_validUntil(Number.NaN);
  writeVenueId(buffer.view, structOffset(ApprovedOrder, 'venueOrderId'), fields.venueOrderId ?? '');
  return buffer;
}

function written(of: Parameters<typeof order>[0]): { method: string; params: Record<string, unknown> } {
  const made = encoder();
  expect(made.encode(5, order(of), 0)).toBe(true);
  return JSON.parse(Buffer.from(made.frame.frame()).toString()) as { method: string; params: Record<string, unknown> };
}

describe('an approved order in the words of the venue', () => {
  it('is placed under its label', () => {
    const flags = OrderFlag.POST_ONLY | OrderFlag.MMP;
    expect(written({ action: OrderAction.PLACE, flags })).toMatchObject({
      id: 5,
      method: 'private/buy',
      params: {
        instrument_name: 'BTC-26DEC26-60000-C',
        price: 0.0405,
        amount: 12.5,
        label: 'vf-7-255s-2',
        type: 'limit',
        post_only: true,
        reject_post_only: true,
        mmp: true,
      },
    });
  });

  it('without a price is a market order', () => {
    const { method, params } = written({
      action: OrderAction.PLACE,
      side: Side.SELL,
      price: Number.NaN,
      timeInForce: TimeInForce.IMMEDIATE_OR_CANCEL,
    });
    expect([method, params.type, params.price, params.time_in_force]).toEqual([
      'private/sell',
      'market',
      undefined,
      'immediate_or_cancel',
    ]);
  });

  it('is amended and cancelled by the id of the venue, or by its label while that is not known', () => {
    expect(written({ action: OrderAction.AMEND, venueOrderId: '81' })).toMatchObject({
      method: 'private/edit',
      params: { order_id: '81', price: 0.0405, amount: 12.5 },
    });
    expect(written({ action: OrderAction.AMEND })).toMatchObject({
      method: 'private/edit_by_label',
      params: { label: 'vf-7-255s-2', instrument_name: 'BTC-26DEC26-60000-C' },
    });
    expect(written({ action: OrderAction.CANCEL, venueOrderId: 'ETH-81' }).params).toEqual({ order_id: 'ETH-81' });
    expect(written({ action: OrderAction.CANCEL })).toMatchObject({
      method: 'private/cancel_by_label',
      params: { label: 'vf-7-255s-2', currency: 'BTC' },
    });
  });

  it.each([
    [Scope.INSTRUMENT, { cancel_type: 'instrument', instrument_name: 'BTC-26DEC26-60000-C' }],
    [Scope.UNDERLYING, { cancel_type: 'currency_pair', currency_pair: 'eth_usd' }],
    [Scope.EVERYTHING, { cancel_type: 'all' }],
  ])('cancels quotes by scope %i', (scope, params) => {
    expect(written({ action: OrderAction.MASS_CANCEL, scope, underlying: 1 })).toMatchObject({
      method: 'private/cancel_quotes',
      params,
    });
  });

  it('cancels orders too where it must', () => {
    const flags = OrderFlag.ORDERS_TOO;
    const methods = [Scope.INSTRUMENT, Scope.UNDERLYING, Scope.EVERYTHING].map(
      (scope) => written({ action: OrderAction.MASS_CANCEL, scope, flags }).method,
    );
    expect(methods).toEqual([
      'private/cancel_all_by_instrument',
      'private/cancel_all_by_currency_pair',
      'private/cancel_all',
    ]);
  });

  it('of an instrument that nobody knows is not written', () => {
    expect(encoder().encode(1, order({ action: OrderAction.PLACE, instrument: 9 }), 0)).toBe(false);
  });
});

describe('a mass quote', () => {
  it('fits into one frame as dispatch plans it, each side of another instrument: a second one would cost a credit that is not counted', () => {
    const made = encoder(DISPATCH_DEFAULTS.quotesPerFrame);
    made.beginQuotes(4_000_000_000, 70_000_000_003, 'vf_btc_usd', 1_900_000_000_000);
    for (let id = 0; id < DISPATCH_DEFAULTS.quotesPerFrame; id++) {
      expect(made.takesQuote).toBe(true);
      const flags = OrderFlag.POST_ONLY | OrderFlag.QUOTE;
      expect(made.quote(order({ action: OrderAction.QUOTE, instrument: id, price: 123_456.1234, flags }), 0)).toBe(
        true,
      );
    }
    made.endQuotes();
    expect(made.frame.frame().length).toBeLessThanOrEqual(MOST_FRAME_BYTES);
  });

  it('holds both sides of an instrument in one place, and fits into a frame when it is full', () => {
    const made = encoder(MOST_QUOTES + 20);
    made.beginQuotes(9, 9, 'vf_btc_usd', 0);
    let sides = 0;
    for (let id = 0; made.takesQuote; id++) {
      for (const side of [Side.BUY, Side.SELL]) {
        const price = side === Side.BUY ? 0.0405 : 0.0415;
        expect(
          made.quote(order({ action: OrderAction.QUOTE, instrument: id, side, price, flags: OrderFlag.POST_ONLY }), 0),
        ).toBe(true);
        sides++;
      }
    }
    made.endQuotes();
    expect(made.frame.length).toBeLessThanOrEqual(MOST_FRAME_BYTES);
    const { params } = JSON.parse(Buffer.from(made.frame.frame()).toString()) as {
      params: { quotes: { bid: { price: number }; ask: { price: number }; quote_set_id: string }[] };
    };
    expect(params.quotes).toHaveLength(sides / 2);
    expect(params.quotes.length).toBeGreaterThan(50);
    expect(params.quotes.every(({ bid, ask }) => bid.price === 0.0405 && ask.price === 0.0415)).toBe(true);
  });
});

describe('numbers', () => {
  it('are read back as they were', () => {
    const writer = new FrameWriter();
    const decimal = fc
      .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(8))
      .map(([digits, places]) => Number(`${digits}e-${places}`));
    fc.assert(
      fc.property(fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        writer.begin();
        writer.number(value);
        expect(Number(Buffer.from(writer.frame()).toString())).toBe(value === 0 ? 0 : value);
      }),
      { numRuns: 500 },
    );
  });

  it('are the decimal that is meant, where sums of decimals miss it: a venue refuses an amount of 0.30000000000000004', () => {
    const writer = new FrameWriter();
    const written = (value: number): string => {
      writer.begin();
      writer.number(value);
      return Buffer.from(writer.frame()).toString();
    };
    expect([0.1 + 0.2, 1.1 + 2.2, 36_001 * 0.05, -(0.7 + 0.1)].map(written)).toEqual(['0.3', '3.3', '1800.05', '-0.8']);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (left, right) => {
        expect(written(left * 0.0001 + right * 0.0001)).toBe(String((left + right) / 10_000));
      }),
      { numRuns: 500 },
    );
  });
});

describe('an error of the venue', () => {
  it('is a refusal only where it is known to be one', () => {
    expect(meaningOf(10_009)).toEqual({ reason: VenueReason.FUNDS, definite: true });
    expect(meaningOf(13_902)).toEqual({ reason: VenueReason.QUOTES_DISABLED, definite: true });
    expect(meaningOf(13_888)).toEqual({ reason: VenueReason.NOT_PROCESSED, definite: true });
    expect(meaningOf(11_094).definite).toBe(false);
    expect(meaningOf(99_999)).toEqual({ reason: VenueReason.UNLISTED, definite: false });
  });

  it('may name a bound', () => {
    expect(limitOf('price_too_high 0.0505')).toBe(0.0505);
    expect(limitOf('post_only_reject')).toBeNaN();
  });
});
