import { connect } from 'node:net';
import ccxt from 'ccxt';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { DefinitionMemory } from '../../../feed/entry/definition-memory.js';
import { FeedCounters } from '../../../feed/entry/feed-counters.js';
import { FeedEngine } from '../../../testing/feeds/feed-engine.js';
import { Side } from '../../exchange/codes.js';
import { type Message, NO_LIMITS } from '../testing/test-venue.js';
import type { Venue } from '../venue.js';
import { machineSecrets } from './secrets.js';
import { VenueServer } from './server.js';
import { createSimulation } from './simulation.js';

const scope = 'account:read_write trade:read_write wallet:read';
const KEY = { clientId: 'maker', clientSecret: 'secret', account: 'maker', scope };
const PERPETUAL = 'BTC-PERPETUAL';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function serve(): Promise<{ venue: Venue; server: VenueServer; port: number; notes: string[] }> {
  const notes: string[] = [];
  const now = (): number => (performance.timeOrigin + performance.now()) * 1000;
  const settings = { seed: 3, strikes: 4, keys: [KEY], limits: NO_LIMITS };
  const { venue } = createSimulation(settings, machineSecrets, now, (note) => notes.push(note));
  const server = new VenueServer(venue);
  const port = await server.listen(0);
  cleanUps.push(() => server.close());
  return { venue, server, port, notes };
}

async function client(port: number) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/api/v2`);
  cleanUps.push(() => socket.terminate());
  const received: string[] = [];
  socket.on('message', (data: Buffer) => received.push(data.toString()));
  await new Promise((resolve) => socket.once('open', resolve));
  let lastId = 0;
  const ask = async (method: string, params: unknown = {}): Promise<Message> => {
    const id = ++lastId;
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return until(() => received.map((text) => JSON.parse(text) as Message).find((message) => message.id === id));
  };
  const signOn = (): Promise<Message> =>
    ask('public/auth', {
      grant_type: 'client_credentials',
      client_id: KEY.clientId,
      client_secret: KEY.clientSecret,
    });
  return { socket, received, ask, signOn };
}

async function until<Value>(look: () => Value | undefined | false, milliseconds = 20_000): Promise<Value> {
  for (const deadline = performance.now() + milliseconds; performance.now() < deadline; ) {
    const value = look();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('what the test waits for did not happen');
}

test('a client that others wrote trades on it: ccxt', async () => {
  const { venue, port } = await serve();
  const exchange = new ccxt.deribit({ apiKey: KEY.clientId, secret: KEY.clientSecret, enableRateLimit: false });
  exchange.urls.api = { rest: `http://127.0.0.1:${port}` };
  const markets = await exchange.loadMarkets();
  const symbol = 'BTC/USD:BTC';
  expect(markets[symbol]).toMatchObject({ id: PERPETUAL, swap: true, inverse: true, contractSize: 10 });
  const option = Object.values(markets).find((market) => market?.option === true && market.base === 'BTC')!;
  expect(option).toMatchObject({ settle: 'BTC', contractSize: 1 });
  await pauseWithBoth(venue, PERPETUAL, 3);
  const book = await exchange.fetchOrderBook(symbol);
  const [bid, ask] = [book.bids[0]![0]!, book.asks[0]![0]!];
  expect(bid).toBeLessThan(ask);
  expect(await exchange.fetchTicker(symbol)).toMatchObject({ bid, ask });
  expect(Object.keys(await exchange.fetchTickers(undefined, { code: 'BTC' }))).toContain(symbol);

  const order = await exchange.createOrder(symbol, 'limit', 'buy', 100, bid - 10, { postOnly: true });
  const id = String(order.id);
  expect(order).toMatchObject({ status: 'open', price: bid - 10, amount: 100, side: 'buy', filled: 0 });
  expect(await exchange.fetchOpenOrders(symbol)).toMatchObject([{ id }]);
  expect(await exchange.editOrder(id, symbol, 'limit', 'buy', 50, bid - 20)).toMatchObject({ amount: 50 });
  expect(await exchange.fetchOrder(id)).toMatchObject({ status: 'open', price: bid - 20 });
  expect(await exchange.cancelOrder(id)).toMatchObject({ status: 'canceled' });
  expect(await exchange.fetchOpenOrders(symbol)).toEqual([]);

  const taken = await exchange.createOrder(symbol, 'market', 'sell', 30);
  expect(taken).toMatchObject({ status: 'closed', filled: 30, average: bid });
  expect(await exchange.fetchMyTrades(symbol)).toMatchObject([
    { order: taken.id, price: bid, side: 'sell', amount: 30 },
  ]);
  expect(await exchange.fetchPositions([symbol])).toMatchObject([{ symbol, side: 'short' }]);
  expect(await exchange.fetchTrades(symbol)).not.toHaveLength(0);
  expect(await exchange.fetchOHLCV(symbol, '1m', Date.now() - 600_000)).not.toHaveLength(0);
  expect((await exchange.fetchBalance()).BTC!.total).toBeGreaterThan(99);
  expect(await exchange.fetchVolatilityHistory('BTC')).toEqual([]);
  for (const of of [exchange.fetchDeposits('BTC'), exchange.fetchTransfers('BTC'), exchange.fetchWithdrawals('BTC')])
    expect(await of).toEqual([]);
  const supposed = { currency: 'BTC', simulated_positions: JSON.stringify({ [PERPETUAL]: -100_000 }) };
  const { result } = (await exchange.request('simulate_portfolio', 'private', 'GET', supposed)) as { result: object };
  expect(result).toMatchObject({ currency: 'BTC', initial_margin: expect.any(Number) });
  await exchange.createOrder(symbol, 'limit', 'buy', 100, bid - 30);
  await exchange.cancelAllOrders(symbol);
  expect(await exchange.fetchOpenOrders(symbol)).toEqual([]);
  await expect(exchange.createOrder(symbol, 'limit', 'buy', 100, 2 * ask)).rejects.toBeInstanceOf(ccxt.InvalidOrder);
  await expect(exchange.cancelOrder('1')).rejects.toBeInstanceOf(ccxt.OrderNotFound);
});

/**
 * Stops the market at a moment at which both best prices of a book have as many lots as a test takes: a sweep may leave less for a while,
 * and a machine that is busy may show nothing else at the first look.
 */
async function pauseWithBoth(venue: Venue, name: string, lots: number): Promise<void> {
  const { books, instruments } = venue.exchange;
  const instrument = instruments.idOf(name);
  const has = (side: number): boolean => {
    const level = books.best(instrument, side);
    return level >= 0 && books.levelLots[level]! >= lots;
  };
  await until(() => {
    venue.isPaused = has(Side.BUY) && has(Side.SELL);
    return venue.isPaused;
  });
}

/** Instruments whose top is another in the engine than at the venue. */
function differing(venue: Venue, engine: FeedEngine, names: Map<number, string>): string[] {
  const { books, instruments } = venue.exchange;
  engine.look();
  return [...names].flatMap(([id, name]) => {
    const top = engine.tops.get(id);
    const instrument = instruments.idOf(name);
    const isSame = ([Side.BUY, Side.SELL] as const).every((side) => {
      const level = books.best(instrument, side);
      const price = side === Side.BUY ? top?.bidPrice : top?.askPrice;
      return level < 0 ? Number.isNaN(price) : price === instruments.priceOf(instrument, books.levelTicks[level]!);
    });
    return isSame ? [] : [name];
  });
}

test('the engine’s own feed runs on it unchanged, and finds its way back from gaps, wrong JSON and disconnects', async () => {
  const { venue, port } = await serve();
  const definitions = DefinitionMemory.create(1000);
  const counters = FeedCounters.create();
  const config = {
    url: `ws://127.0.0.1:${port}/ws/api/v2`,
    connections: 1,
    venue: 1,
    clock: { kind: 'wall' as const },
    interval: 'raw' as const,
    filter: { currencies: ['BTC'], expiries: 4 },
    bookDepth: 256,
    tickerSilenceMs: 60_000,
    credentials: { grant: 'client_signature' as const, clientId: KEY.clientId, clientSecret: KEY.clientSecret },
    definitions: definitions.memory,
    counters: counters.memory,
  };
  const engine = new FeedEngine({ kind: 'deribit', config }, 1000, 256);
  await engine.start();
  cleanUps.push(() => engine.stop());
  const names = new Map<number, string>();
  await until(() => counters.read().channels > 100 && counters.read().books > 150);
  definitions.read(0, (id, { name }) => {
    // Indices have definitions too.
    if (venue.exchange.instruments.idOf(name) >= 0) names.set(id, name);
  });
  expect(names.size).toBeGreaterThan(30);
  venue.isPaused = true;
  await until(() => differing(venue, engine, names).length === 0);
  const { quarantined, outages, deniedChannels, malformed, unknownChannel } = counters.read();
  expect({ quarantined, outages, deniedChannels, malformed, unknownChannel }).toEqual({
    quarantined: 0,
    outages: 0,
    deniedChannels: 0,
    malformed: 0,
    unknownChannel: 0,
  });

  venue.isPaused = false;
  venue.chaos.configure({ gap: 0.05, corrupt: 0.01, drop: 0.01, duplicate: 0.02 }, Date.now());
  await until(() => counters.read().outages > 3);
  venue.chaos.configure({ gap: 0, corrupt: 0, drop: 0, duplicate: 0 }, Date.now());
  for (const connection of venue.connections()) venue.endSoon(connection, 'broken');
  await until(() => counters.read().connects > 1 && counters.read().connectionsUp === 1);
  venue.isPaused = true;
  await until(() => differing(venue, engine, names).length === 0, 40_000);
});

describe('clients that misbehave', () => {
  test('one that does not read is cut, and the others notice nothing', async () => {
    const { venue, server, port } = await serve();
    const lazy = await client(port);
    await lazy.signOn();
    lazy.socket.pause();
    const { instruments } = venue.exchange;
    const channels = instruments.definitions.slice(0, 100).map(({ name }) => `book.${name}.raw`);
    const request = JSON.stringify({
      jsonrpc: '2.0',
      id: 9,
      method: 'public/get_book_summary_by_currency',
      params: { currency: 'BTC' },
    });
    lazy.socket.send(JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'private/subscribe', params: { channels } }));
    for (let count = 0; count < 2000; count++) lazy.socket.send(request);
    const other = await client(port);
    await until(() => server.slowReaders === 1);
    expect((await other.ask('public/test')).result).toEqual({ version: '1.2.26' });
    expect(venue.connections()).toHaveLength(1);
  });

  test('frames beyond 32 kB are refused, and beyond all measure end their connection', async () => {
    const { venue, port } = await serve();
    const { socket, received } = await client(port);
    socket.send(`"${'x'.repeat(40_000)}"`);
    await until(() => received.some((text) => text.includes('-32600')));
    socket.send(Buffer.from([1, 2, 3]), { binary: true });
    await until(() => received.some((text) => text.includes('-32700')));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.send('x'.repeat(1 << 20));
    await closed;
    await until(() => venue.connections().length === 0);
  });

  test('bytes that are no protocol, half-open requests and broken sockets leave nothing behind', async () => {
    const { venue, port, notes } = await serve();
    for (const text of [
      '\u0000\u0001',
      'GET /api/v2/public/test HTTP/1.1\r\n',
      'POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab',
      'x'.repeat(5000),
    ]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(text);
      socket.destroy();
    }
    for (let count = 0; count < 20; count++) {
      const { socket } = await client(port);
      socket.send('{"jsonrpc":"2.0","id":1,"method":"public/get_instruments","params":{"currency":"any"}}');
      socket.terminate();
    }
    await until(() => venue.connections().length === 0);
    const survivor = await client(port);
    expect((await survivor.ask('public/get_time')).result).toBeGreaterThan(0);
    const listed = (await survivor.ask('public/get_instruments', { currency: 'any' })).result as unknown[];
    expect(listed).toHaveLength(venue.exchange.instruments.size);
    expect(notes).toEqual([]);
  });
});
