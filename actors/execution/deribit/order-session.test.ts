import { describe, expect, it } from 'vitest';
import { MmpState } from '../../../engine/market/orders/codes.js';
import { FakeHost } from '../../session/testing/fake-host.js';
import type { DeribitExecutionConfig } from './config.js';
import type { InstrumentNames } from './instrument-names.js';
import { OrderSession } from './order-session.js';
import type { ReportWriter } from './report-writer.js';

const INDEX = 'btc_usd';

/** A connection that carries the private stream, and what it tells of the venue's protection: state, and until when in ms. */
function connected(): { host: FakeHost; told: [number, number][]; trigger(untilMs: number, group?: string): void } {
  const host = new FakeHost();
  const told: [number, number][] = [];
  const reports = {
    receive: () => {},
    connection: () => {},
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
  return { host, told, trigger };
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
});
