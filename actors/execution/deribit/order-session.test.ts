import { describe, expect, it } from 'vitest';
import { MmpState, OrderAction, RequestOutcome } from '../../../engine/market/orders/codes.js';
import { FakeHost } from '../../session/testing/fake-host.js';
import type { DeribitExecutionConfig } from './config.js';
import type { InstrumentNames } from './instrument-names.js';
import { OrderSession } from './order-session.js';
import type { ReportWriter } from './report-writer.js';
import type { RequestIdentity } from './request-identity.js';

const INDEX = 'btc_usd';

/** The venue answers what signing on asks, until that is done. */
async function signOn(session: OrderSession, host: FakeHost): Promise<void> {
  const { socket } = host;
  for (let answered = 0; !session.isSignedOn; answered++) {
    const { id, method } = JSON.parse(socket.sent[answered]!) as { id: number; method: string };
    const result = method === 'public/auth' ? { expires_in: 900 } : 1_700_000_000_000;
    socket.say(JSON.stringify({ jsonrpc: '2.0', id, result }));
    await host.pass(1);
  }
}

/** A connection that carries the private stream, and what it tells of the venue's protection: state, and until when in ms. */
function connected(answered: (outcome: number) => void = () => {}): {
  session: OrderSession;
  host: FakeHost;
  told: [number, number][];
  trigger(untilMs: number, group?: string): void;
  /** The venue answers the newest question what is frozen: until when, by group. */
  answer(frozen: Record<string, number>): void;
} {
  const host = new FakeHost();
  const told: [number, number][] = [];
  const reports = {
    receive: () => {},
    connection: () => {},
    answered: (_request: unknown, { outcome }: { outcome: number }) => answered(outcome),
    protection: (state: number, _group: number, _underlying: number, _code: number, until: number) => {
      told.push([state, until / 1000]);
    },
  };
  const session = new OrderSession(
    host,
    {
      config: { url: 'ws://venue', currencies: [], protection: [] } as unknown as DeribitExecutionConfig,
      account: { account: 1, connections: 1, credentials: { clientId: 'id', clientSecret: 'secret' } } as never,
      connection: 0,
      isPrivate: true,
      names: { underlyingOf: () => 0 } as unknown as InstrumentNames,
      reports: reports as unknown as ReportWriter,
      armedIndices: new Set(),
    },
    { reported: () => {}, isFresh: () => true, nowMicros: () => host.nowMs() * 1000, note: () => {} },
  );
  session.start();
  host.socket.open();
  const trigger = (untilMs: number, group?: string): void => {
    const data = { index_name: INDEX, frozen_until: untilMs, ...(group === undefined ? {} : { mmp_group: group }) };
    host.socket.say(
      JSON.stringify({
        jsonrpc: '2.0',
        method: 'subscription',
        params: { channel: `user.mmp_trigger.${INDEX}`, data },
      }),
    );
  };
  const answer = (frozen: Record<string, number>): void => {
    const asked = host.socket.sent.map((text) => JSON.parse(text) as { id: number; method: string });
    const { id } = asked.filter(({ method }) => method === 'private/get_mmp_status').at(-1)!;
    const result = Object.entries(frozen).map(([group, untilMs]) => ({
      index_name: INDEX,
      frozen_until: untilMs,
      ...(group === '' ? {} : { mmp_group: group }),
    }));
    host.socket.say(JSON.stringify({ jsonrpc: '2.0', id, result }));
  };
  return { session, host, told, trigger, answer };
}

describe('a freeze of the venue', () => {
  it('is over when its time is', async () => {
    const { host, told, trigger } = connected();
    trigger(2000);
    await host.pass(1999);
    expect(told).toEqual([[MmpState.TRIGGERED, 2000]]);
    await host.pass(1);
    expect(told.map(([state]) => state)).toEqual([MmpState.TRIGGERED, MmpState.RESET]);
  });

  it('is not ended by the end of an older one: single orders and the group of the quotes are frozen each for itself', async () => {
    const { host, told, trigger } = connected();
    trigger(2000);
    await host.pass(1500);
    trigger(3500, 'vf_btc_usd');
    await host.pass(1000);
    expect(told.map(([state]) => state)).toEqual([MmpState.TRIGGERED, MmpState.TRIGGERED]);
    await host.pass(1000);
    expect(told.map(([state]) => state)).toEqual([MmpState.TRIGGERED, MmpState.TRIGGERED, MmpState.RESET]);
  });

  it('is not made shorter by a later trigger that ends sooner, nor ended by the clock where only a hand resets it', async () => {
    const { host, told, trigger } = connected();
    trigger(3000);
    trigger(1000, 'vf_btc_usd');
    expect(told.map(([, until]) => until)).toEqual([3000, 3000]);
    trigger(0, 'vf_btc_usd');
    trigger(4000);
    expect(told.map(([, until]) => until)).toEqual([3000, 3000, 0, 0]);
    await host.pass(5000);
    expect(told.map(([state]) => state)).toEqual(new Array(4).fill(MmpState.TRIGGERED));
    // A hand has ended it: what was frozen is triggered again.
    trigger(6000, 'vf_btc_usd');
    await host.pass(1000);
    expect(told.slice(4).map(([state]) => state)).toEqual([MmpState.TRIGGERED, MmpState.RESET]);
  });

  it('is over when somebody else has reset it: the venue is asked, because it does not tell', async () => {
    const { host, told, trigger, answer } = connected();
    trigger(0, 'vf_btc_usd');
    await host.pass(2000);
    answer({ vf_btc_usd: 0 });
    await host.pass(2000);
    expect(told.map(([state]) => state)).toEqual([MmpState.TRIGGERED]);
    answer({});
    await host.pass(0);
    expect(told.map(([state]) => state)).toEqual([MmpState.TRIGGERED, MmpState.RESET]);
    const questions = host.socket.sent.length;
    await host.pass(5000);
    expect(host.socket.sent).toHaveLength(questions);
  });

  it('is not over by an answer that is older than its trigger', async () => {
    const { host, told, trigger, answer } = connected();
    trigger(0);
    await host.pass(2000);
    trigger(0, 'vf_btc_usd');
    answer({});
    await host.pass(0);
    expect(told.map(([state]) => state)).toEqual([MmpState.TRIGGERED, MmpState.TRIGGERED]);
  });

  it('is as long as the venue says when it is asked, where a trigger of another group was missed', async () => {
    const { host, told, trigger, answer } = connected();
    trigger(3000);
    await host.pass(2000);
    answer({ '': 3000, vf_btc_usd: 4000 });
    await host.pass(1500);
    expect(told).toEqual([
      [MmpState.TRIGGERED, 3000],
      [MmpState.TRIGGERED, 4000],
    ]);
    await host.pass(500);
    expect(told.at(-1)![0]).toBe(MmpState.RESET);
  });
});

describe('an order that the venue refuses because it has signed the session off', () => {
  it('is refused once and for all, and the connection is made anew: cancels would be refused too', async () => {
    const outcomes: number[] = [];
    const { session, host } = connected((outcome) => outcomes.push(outcome));
    const { socket } = host;
    await signOn(session, host);
    const id = session.nextId();
    expect(session.write(Buffer.from(`{"id":${id}}`), [{ action: OrderAction.PLACE } as RequestIdentity])).toBe(true);
    socket.say(JSON.stringify({ jsonrpc: '2.0', id, error: { code: 13_009, message: 'unauthorized' } }));
    expect(outcomes).toEqual([RequestOutcome.REJECTED]);
    expect([session.isSignedOn, socket.isOpen]).toEqual([false, false]);
    await host.pass(1000);
    expect(host.sockets).toHaveLength(2);
    expect(outcomes).toEqual([RequestOutcome.REJECTED]);
  });
});

describe('quotes that the venue refuses because the account has no protection there any more', () => {
  it('make the connection anew, which arms it, and not again and again where that does not help', async () => {
    const { session, host } = connected();
    const refuse = async (): Promise<boolean> => {
      const { socket } = host;
      await signOn(session, host);
      const id = session.nextId();
      session.write(Buffer.from(`{"id":${id}}`), [{ action: OrderAction.QUOTE } as RequestIdentity]);
      socket.say(JSON.stringify({ jsonrpc: '2.0', id, error: { code: 13_040, message: 'mmp_required' } }));
      return socket.isOpen;
    };
    expect(await refuse()).toBe(false);
    await host.pass(1000);
    host.socket.open();
    expect(await refuse()).toBe(true);
  });
});
