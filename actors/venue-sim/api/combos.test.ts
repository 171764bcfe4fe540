import { describe, expect, test } from 'vitest';
import { instrumentOf } from '../exchange/contracts.js';
import { imbalances } from '../exchange/testing/audit.js';
import { CALL, FUTURE, PERPETUAL, PUT, START_MS, TestVenue } from './testing/test-venue.js';

const HOUR = 3_600_000;
const leg = (instrument_name: string, direction: string, amount = 1) => ({ instrument_name, direction, amount });
const SPREAD = 'BTC-FS-27MAR26_PERP';
const spread = { trades: [leg(PERPETUAL, 'sell', 10), leg(FUTURE, 'buy', 10)] };
const STRANGLE = 'BTC-STRG-27MAR26-80000_100000';
const strangle = { trades: [leg(CALL, 'buy'), leg(PUT, 'buy')] };

describe('combinations', () => {
  test('are made once, whoever asks, and are listed with their legs', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    const made = client.call('private/create_combo', spread);
    expect(made).toMatchObject({
      id: SPREAD,
      state: 'active',
      legs: [
        { instrument_name: FUTURE, amount: 1 },
        { instrument_name: PERPETUAL, amount: -1 },
      ],
    });
    const reversed = { trades: [leg(FUTURE, 'sell', 50), leg(PERPETUAL, 'buy', 50)] };
    expect(venue.client().signOn().call('private/create_combo', reversed)).toEqual(made);
    client.call('private/create_combo', strangle);
    expect(client.call('public/get_combo_ids', { currency: 'BTC' })).toEqual([SPREAD, STRANGLE]);
    expect(client.call('public/get_combo_ids', { currency: 'BTC', state: 'inactive' })).toEqual([]);
    expect(client.call('public/get_combos', { currency: 'ETH' })).toEqual([]);
    expect(client.call('public/get_combos', { currency: 'any' })).toMatchObject([made, { id: STRANGLE }]);
    expect(client.call('public/get_combo_details', { combo_id: SPREAD })).toEqual(made);
    expect(client.call('public/get_instruments', { currency: 'BTC', kind: 'option_combo' })).toMatchObject([
      { instrument_name: STRANGLE, kind: 'option_combo' },
    ]);
  });

  test('have a book, trade as one, move their legs, and cost the dearer side’s fee alone', () => {
    const venue = new TestVenue();
    const client = venue.client().signOn();
    client.call('private/create_combo', spread);
    client.call('public/subscribe', {
      channels: [`book.${SPREAD}.100ms`, `trades.${FUTURE}.100ms`, `ticker.${SPREAD}.100ms`],
    });
    venue.crowdOrder(SPREAD, 'sell', 905, 1000);
    venue.pass(200);
    const before = client.call<Record<string, number>>('private/get_account_summary', { currency: 'BTC' });
    const { order } = client.call<{ order: object }>('private/buy', {
      instrument_name: SPREAD,
      amount: 1000,
      price: 905,
    });
    expect(order).toMatchObject({ order_state: 'filled', average_price: 905 });
    venue.pass(200);
    expect(client.call('private/get_position', { instrument_name: FUTURE })).toMatchObject({ size: 1000 });
    expect(client.call('private/get_position', { instrument_name: PERPETUAL })).toMatchObject({ size: -1000 });
    expect(client.data(`trades.${FUTURE}.100ms`).flat()).toMatchObject([{ combo_id: SPREAD, amount: 1000 }]);
    expect(client.data(`book.${SPREAD}.100ms`).length).toBeGreaterThan(1);
    expect(client.data(`ticker.${SPREAD}.100ms`).at(-1)).toMatchObject({ mark_price: 900 });
    const { trades } = client.call<{ trades: { instrument_name: string; fee: number }[] }>(
      'private/get_user_trades_by_currency',
      { currency: 'BTC' },
    );
    const legFees = trades.filter(({ instrument_name }) => instrument_name !== SPREAD).map(({ fee }) => fee);
    // Of 0.05 % on either leg one is free.
    expect(legFees.filter((fee) => fee > 0)).toHaveLength(1);
    const after = client.call<Record<string, number>>('private/get_account_summary', { currency: 'BTC' });
    expect(before.balance! - after.balance!).toBeCloseTo(Math.max(...legFees), 8);
    expect(imbalances(venue.exchange)).toEqual([]);
  });

  test('of options have their legs priced at the marks, with the rest in the first', () => {
    const client = new TestVenue().client().signOn();
    const { legs, amount } = client.call<{ legs: { price: number }[]; amount: number }>('private/get_leg_prices', {
      legs: strangle.trades,
      price: 0.15,
    });
    expect(amount).toBe(1);
    expect(legs).toMatchObject([
      { instrument_name: CALL, direction: 'buy', ratio: 1 },
      { instrument_name: PUT, direction: 'buy', ratio: 1 },
    ]);
    expect(legs[0]!.price + legs[1]!.price).toBeCloseTo(0.15, 5);
  });

  test('end with the first of their legs', () => {
    const venue = new TestVenue();
    const names = ['BTC-2JAN26-90000-C', 'BTC-2JAN26-90000-P'];
    for (const name of names) venue.exchange.setOptionMark(venue.exchange.list(instrumentOf(name)), 90_000, 0.5);
    const trades = names.map((name) => leg(name, 'buy'));
    venue.client().signOn().call('private/create_combo', { trades });
    venue.exchange.advance(START_MS + 9 * HOUR);
    venue.now = (START_MS + 9 * HOUR) * 1000;
    const late = venue.client().signOn();
    expect(late.call('public/get_combos', { currency: 'BTC' })).toEqual([]);
    const id = 'BTC-STRD-2JAN26-90000';
    expect(late.call('public/get_combo_ids', { currency: 'BTC', state: 'inactive' })).toEqual([id]);
    expect(late.call('private/create_combo', { trades })).toMatchObject({ id, state: 'inactive' });
    const reversal = [leg(names[0]!, 'buy'), leg(names[1]!, 'sell')];
    expect(late.refusal('private/create_combo', { trades: reversal })).toBe(10_012);
  });

  test.each([
    ['legs that are no structure', { trades: [leg(CALL, 'buy'), leg(PERPETUAL, 'sell', 10)] }, 10_020],
    ['one leg', { trades: [leg(CALL, 'buy')] }, 10_020],
    ['a leg that there is none of', { trades: [leg(CALL, 'buy'), leg('BTC-NOTHING', 'sell')] }, -32_602],
    ['a leg without a side', { trades: [{ instrument_name: CALL }, leg(PUT, 'buy')] }, -32_602],
    ['an amount between two lots', { trades: [leg(CALL, 'buy', 0.15), leg(PUT, 'buy', 0.15)] }, 10_021],
    ['more legs than a few', { trades: Array(5).fill(leg(CALL, 'buy')) }, -32_602],
    ['no legs', {}, -32_602],
  ])('%s are refused', (_, params, code) => {
    const client = new TestVenue().client().signOn();
    expect(client.refusal('private/create_combo', params)).toBe(code);
    expect(client.call('public/get_combo_ids', { currency: 'any' })).toEqual([]);
  });

  test('are bounded in number, so that the venue can list its own', () => {
    const venue = new TestVenue();
    const strikes = [110_000, 120_000, 130_000];
    const names = [CALL, ...strikes.map((strike) => `BTC-27MAR26-${strike}-C`)];
    for (const name of names.slice(1)) venue.exchange.list(instrumentOf(name));
    const client = venue.client().signOn();
    const answers = names.flatMap((low, place) =>
      names
        .slice(place + 1)
        .map((high) => client.ask('private/create_combo', { trades: [leg(low, 'buy'), leg(high, 'sell')] })),
    );
    expect(answers.map((answer) => answer?.error?.code)).toEqual([...Array(4).fill(undefined), 13_028, 13_028]);
  });
});
