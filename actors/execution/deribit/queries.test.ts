import { describe, expect, it } from 'vitest';
import { OrderAction, ReconcilePhase, RequestOutcome, Side } from '../../../engine/market/orders/codes.js';
import type { DeribitSession } from '../../session/deribit/deribit-session.js';
import { DeliveryPrices } from './delivery-prices.js';
import type { InstrumentNames } from './instrument-names.js';
import { type QueryDesk, reconcileAccount } from './queries.js';
import type { ReportWriter } from './report-writer.js';
import type { Answered, RequestIdentity } from './request-identity.js';

const FOLLOWED = 'BTC-PERPETUAL';

const order = { order_id: 'o', order_state: 'open', instrument_name: FOLLOWED, direction: 'buy', amount: 10 };
const trade = {
  trade_id: 't',
  order_id: 'o',
  instrument_name: FOLLOWED,
  direction: 'buy',
  price: 60_000,
  amount: 10,
  timestamp: 1,
};
const answers: Record<string, unknown> = {
  'private/get_open_orders': [order],
  'private/get_user_trades_by_currency_and_time': { trades: [trade], has_more: false },
  'private/get_positions': [
    { instrument_name: FOLLOWED, size: 10 },
    { instrument_name: 'SOL_USDC-PERPETUAL', size: -3 },
    { instrument_name: 'XRP_USDC-PERPETUAL', size: 0 },
  ],
  'private/get_account_summaries': { summaries: [{ currency: 'BTC', equity: 1, balance: 1 }] },
};

const request: RequestIdentity & { number: number; subject: number; since: number } = {
  seq: 5,
  index: 0,
  action: OrderAction.RECONCILE,
  run: 1,
  orderIndex: 0,
  orderSeq: 0,
  instrument: 0,
  side: Side.BOTH,
  number: 1,
  subject: 15,
  since: 0,
};

const EXPIRY = Date.UTC(2026, 0, 9, 8) * 1000;
/** Moments are those of an hour after the expiry. */
const NOW = EXPIRY + 3600e6;
const ENDED = { id: 3, index: 'btc_usd', expiry: EXPIRY };

function deliveriesOf(expiring: (typeof ENDED)[]): DeliveryPrices {
  return new DeliveryPrices({ expiring: () => expiring } as unknown as InstrumentNames);
}

/** Asks a venue that gives these answers; what was reported, in its order. */
async function reconcile(given: Record<string, unknown>, deliveries = deliveriesOf([])) {
  const told: string[] = [];
  const uncounted: string[] = [];
  const asked: unknown[] = [];
  const tell =
    (what: string) =>
    (...of: unknown[]): void => {
      told.push(what === 'phase' ? `phase ${of[0]}` : what);
    };
  const reports = {
    receive: () => {},
    reconcile: tell('phase'),
    order: tell('order'),
    fill: tell('fill'),
    position: tell('position'),
    funds: tell('funds'),
    delivery: ({ id, price }: { id: number; price: number }) => told.push(`delivery of ${id} at ${price}`),
    answered: (_: RequestIdentity, { outcome }: Answered) => told.push(`answer ${outcome}`),
  };
  const session = {
    call: async (method: string, params: unknown) => {
      if (method === 'public/get_delivery_prices') asked.push(params);
      if (!(method in given)) throw new Error(`${method} is not answered`);
      return given[method];
    },
  };
  const desk: QueryDesk = {
    session: session as unknown as DeribitSession,
    account: 0,
    connection: 0,
    names: { id: (name: string) => (name === FOLLOWED ? 1 : -1) } as InstrumentNames,
    deliveries,
    reports: reports as unknown as ReportWriter,
    currencies: ['BTC'],
    nowMicros: () => NOW,
    room: async () => {},
    reported: () => {},
    uncounted: (names) => uncounted.push(...names),
    note: () => {},
  };
  await reconcileAccount(desk, { ...request, since: NOW - 60e6 });
  return { told, uncounted, asked };
}

describe('a reconciliation', () => {
  it('tells orders before trades, so that a trade finds its order, and trades before the positions that hold them', async () => {
    const { told } = await reconcile(answers);
    expect(told).toEqual([
      `phase ${ReconcilePhase.BEGINS}`,
      'order',
      'fill',
      'position',
      'position',
      'position',
      'funds',
      `phase ${ReconcilePhase.ENDS}`,
      `answer ${RequestOutcome.ACCEPTED}`,
    ]);
  });

  it('names what the account holds of instruments that nobody follows', async () => {
    expect((await reconcile(answers)).uncounted).toEqual(['SOL_USDC-PERPETUAL']);
  });

  it('tells what was delivered before the money that it is set against, once, and asks no more', async () => {
    const deliveries = deliveriesOf([ENDED]);
    const data = [
      { date: '2026-01-09', delivery_price: 61_234.5 },
      { date: '2026-01-08', delivery_price: 59_000 },
    ];
    const given = { ...answers, 'public/get_delivery_prices': { data, records_total: 2 } };
    const first = await reconcile(given, deliveries);
    expect(first.asked).toEqual([{ index_name: 'btc_usd', offset: 0, count: 2 }]);
    expect(first.told.slice(-4)).toEqual([
      'delivery of 3 at 61234.5',
      'funds',
      `phase ${ReconcilePhase.ENDS}`,
      `answer ${RequestOutcome.ACCEPTED}`,
    ]);
    expect((await reconcile(given, deliveries)).asked).toEqual([]);
  });

  it.each([
    ['that has not delivered yet', { data: [{ date: '2026-01-08', delivery_price: 59_000 }], records_total: 1 }],
    ['that answers in another form', { prices: [] }],
  ])('of a venue %s ends well, and asks again the next time', async (_, answer) => {
    const deliveries = deliveriesOf([ENDED]);
    const given = { ...answers, 'public/get_delivery_prices': answer };
    for (let each = 0; each < 2; each++) {
      const { told, asked } = await reconcile(given, deliveries);
      expect(asked).toHaveLength(1);
      expect(told).toContain(`phase ${ReconcilePhase.ENDS}`);
      expect(told.filter((what) => what.startsWith('delivery'))).toEqual([]);
    }
  });

  it('does not ask for what lives, nor for what ended days before the account was last asked', async () => {
    const lives = { ...ENDED, expiry: NOW + 1 };
    const longGone = { ...ENDED, expiry: NOW - 3 * 86_400e6 };
    expect((await reconcile(answers, deliveriesOf([lives, longGone]))).asked).toEqual([]);
  });

  it.each(Object.keys(answers))(
    'that gets no answer to %s has failed, and nothing is taken to be flat',
    async (method) => {
      const { [method]: _, ...rest } = answers;
      const { told } = await reconcile(rest);
      expect(told).toContain(`phase ${ReconcilePhase.FAILED}`);
      expect(told).not.toContain(`phase ${ReconcilePhase.ENDS}`);
      expect(told.at(-1)).toBe(`answer ${RequestOutcome.UNKNOWN}`);
    },
  );
});
