import { describe, expect, it } from 'vitest';
import { OrderAction, ReconcilePhase, RequestOutcome, Side } from '../../../engine/market/orders/codes.js';
import type { DeribitSession } from '../../session/deribit/deribit-session.js';
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

/** Asks a venue that gives these answers; what was reported, in its order. */
async function reconcile(given: Record<string, unknown>) {
  const told: string[] = [];
  const uncounted: string[] = [];
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
    answered: (_: RequestIdentity, { outcome }: Answered) => told.push(`answer ${outcome}`),
  };
  const session = {
    call: async (method: string) => {
      if (!(method in given)) throw new Error(`${method} is not answered`);
      return given[method];
    },
  };
  const desk: QueryDesk = {
    session: session as unknown as DeribitSession,
    account: 0,
    connection: 0,
    names: { id: (name: string) => (name === FOLLOWED ? 1 : -1) } as InstrumentNames,
    reports: reports as unknown as ReportWriter,
    currencies: ['BTC'],
    nowMicros: () => 0,
    room: async () => {},
    reported: () => {},
    uncounted: (names) => uncounted.push(...names),
    note: () => {},
  };
  await reconcileAccount(desk, request);
  return { told, uncounted };
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
