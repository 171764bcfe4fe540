import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { nodeHost } from '../session/node-host.js';
import { FakeHost } from '../session/testing/fake-host.js';
import { machineSecrets } from '../venue-sim/api/server/secrets.js';
import { VenueServer } from '../venue-sim/api/server/server.js';
import { createSimulation } from '../venue-sim/api/server/simulation.js';
import { NO_LIMITS } from '../venue-sim/api/testing/test-venue.js';
import type { Venue } from '../venue-sim/api/venue.js';
import { VenueStop } from './venue-stop.js';

const MAKER = { clientId: 'maker', clientSecret: 'secret', account: 'maker' };
const KILLER = { clientId: 'maker-killer', clientSecret: 'another secret', account: 'maker' };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function until(look: () => boolean): Promise<void> {
  while (!look()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function serve(): Promise<{ venue: Venue; server: VenueServer; url: string }> {
  const now = (): number => (performance.timeOrigin + performance.now()) * 1000;
  const settings = { seed: 3, strikes: 4, keys: [MAKER, KILLER], limits: NO_LIMITS };
  const { venue } = createSimulation(settings, machineSecrets, now, () => {});
  const server = new VenueServer(venue);
  const port = await server.listen(0);
  cleanUps.push(() => server.close());
  return { venue, server, url: `ws://127.0.0.1:${port}/ws/api/v2` };
}

/** Signs on as the maker, and rests some bids far from the market; how many are open. */
async function rest(url: string, venue: Venue, count: number): Promise<() => number> {
  const socket = new WebSocket(url);
  cleanUps.push(() => socket.terminate());
  await new Promise((resolve) => socket.once('open', resolve));
  let id = 0;
  const ask = (method: string, params: unknown): void =>
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }));
  ask('public/auth', { grant_type: 'client_credentials', client_id: 'maker', client_secret: 'secret' });
  const { exchange } = venue;
  const account = (): number => exchange.accounts.options.findIndex(({ name }) => name === 'maker');
  const open = (): number => exchange.accounts.openOrders[account()] ?? 0;
  const perpetual = exchange.instruments.idOf('BTC-PERPETUAL');
  await until(() => exchange.books.best(perpetual, 0) >= 0);
  const best = exchange.books.levelTicks[exchange.books.best(perpetual, 0)]!;
  for (let order = 0; order < count; order++) {
    const price = exchange.instruments.priceOf(perpetual, best - 200 - order);
    ask('private/buy', { instrument_name: 'BTC-PERPETUAL', amount: 10, type: 'limit', price, label: `rest-${order}` });
  }
  await until(() => open() === count);
  return open;
}

function stopOf(url: string): { stop: VenueStop; lines: string[] } {
  const lines: string[] = [];
  const { clientId, clientSecret } = KILLER;
  const credentials = { grant: 'client_credentials' as const, clientId, clientSecret };
  const stop = new VenueStop(
    nodeHost,
    { url, credentials },
    {
      tell: (line) => lines.push(line),
      empty: () => lines.push('empty'),
      nowMicros: () => (performance.timeOrigin + performance.now()) * 1000,
    },
  );
  stop.start();
  cleanUps.push(() => stop.stop());
  return { stop, lines };
}

describe('the killer at the venue', () => {
  it('takes away what another session of the account has left there, and says when nothing is open', async () => {
    const { venue, url } = await serve();
    const { stop, lines } = stopOf(url);
    await until(() => stop.isReady);
    const open = await rest(url, venue, 8);
    stop.fire();
    await until(() => open() === 0);
    await until(() => stop.isEmpty);
    expect(lines).toEqual(['empty']);
  });

  it('does it as soon as it has a connection, when it was told to before it had one', async () => {
    const { venue, url } = await serve();
    const open = await rest(url, venue, 3);
    const { stop, lines } = stopOf(url);
    stop.fire();
    expect(lines).toEqual(['the venue cannot be told to cancel yet: its connection is not up']);
    await until(() => open() === 0);
    await until(() => stop.isEmpty);
  });

  it('leaves everything where it is until it is told to', async () => {
    const { venue, url } = await serve();
    const { stop } = stopOf(url);
    await until(() => stop.isReady);
    const open = await rest(url, venue, 2);
    stop.rearm();
    expect(open()).toBe(2);
    expect(stop.isEmpty).toBe(false);
  });

  it('cancels again by a new connection when the venue does not answer, and names what it has not confirmed', async () => {
    const host = new FakeHost();
    const lines: string[] = [];
    const stop = new VenueStop(
      host,
      { url: 'ws://venue', credentials: { grant: 'client_credentials', clientId: 'killer', clientSecret: 'secret' } },
      { tell: (line) => lines.push(line), empty: () => lines.push('empty'), nowMicros: () => host.nowMs() * 1000 },
    );
    /** The venue answers what it was asked by the newest connection, but for methods that it is silent on. */
    let read = 0;
    const serve = async (ms: number, silent: (method: string) => boolean, open = 0): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 10) {
        for (; read < host.socket.sent.length; read++) {
          const { id, method } = JSON.parse(host.socket.sent[read]!) as { id: number; method: string };
          if (silent(method)) continue;
          const orders = Array.from({ length: open }, (_, order) => ({ order_id: String(order) }));
          const result = method === 'public/auth' ? { expires_in: 900 } : method.endsWith('_orders') ? orders : 1;
          host.socket.say(JSON.stringify({ jsonrpc: '2.0', id, result }));
        }
        await host.pass(10);
      }
    };
    const cancels = (): number =>
      host.sockets.flatMap(({ sent }) => sent).filter((text) => /cancel_all/.test(text)).length;
    stop.start();
    host.socket.open();
    await serve(200, () => false);
    stop.fire();
    expect([stop.isReady, cancels()]).toEqual([true, 1]);
    expect(stop.doubt).toContain('it has answered no question');
    // It keeps the line open and says nothing but to heartbeats.
    await serve(12_000, (method) => method.startsWith('private/'));
    expect(host.sockets).toHaveLength(2);
    expect(lines.some((line) => line.includes('a mass cancel failed: private/cancel_quotes: no answer'))).toBe(true);
    host.socket.open();
    read = 0;
    // Once it answers again, one order still stands for a while.
    await serve(500, () => false, 1);
    expect(cancels()).toBeGreaterThan(2);
    expect(stop.doubt).toContain('1 were open when it answered last');
    expect(stop.isEmpty).toBe(false);
    await serve(2500, () => false);
    expect([stop.isEmpty, lines.at(-1)]).toEqual([true, 'empty']);
  });
});
