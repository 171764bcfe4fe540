/**
 * The simulated venue in a process of its own. While it warms the engine up it is as always; then its market stands still, market data comes from a
 * sender that has frames ready and a time for each, and orders are matched and answered as before.
 */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { ClientLink, Frame } from '../../../actors/venue-sim/api/connection.js';
import { machineSecrets } from '../../../actors/venue-sim/api/server/secrets.js';
import { createSimulation } from '../../../actors/venue-sim/api/server/simulation.js';
import { MARKET_MAKER_LIMITS } from '../../../actors/venue-sim/api/session/rate-limits.js';
import type { Venue } from '../../../actors/venue-sim/api/venue.js';
import { Side } from '../../../actors/venue-sim/exchange/codes.js';
import { InstrumentKind } from '../../../engine/market/instrument.js';
import { WallClock } from '../../../engine/runtime/clock/event-clock.js';
import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { type Side as BenchSide, type SideSetup, serveRounds, startThread } from '../../rig/side.js';
import type { FrameSet, OptionFrames, UnderlyingFrames } from './frames.js';
import type { SenderOutcome, SenderRound } from './venue-sender.js';

export type VenueRound =
  /** Answers with the port. */
  | { kind: 'listen' }
  /** Answers with how many orders of the engine's account stand. */
  | { kind: 'count' }
  /** The market stands still, and the sender takes the place of what it told. */
  | { kind: 'still' }
  /** The sender ends; the market stands still for the next engine too. */
  | { kind: 'end' }
  | { kind: 'send'; round: SenderRound };

export interface VenueOutcome {
  port: number;
  epochSeconds: number;
  /** Options with frames of their own. */
  options: number;
  /** Orders of the engine's account that stand. */
  open: number;
  due: number[];
  sent: number[];
  kinds: number[];
}

const STRIKES = 8;
const SEED = 1;
const SECRET = 'of nobody';
const LOOK_MS = 2;
/** Work of one turn, milliseconds: sockets have their turn between two. */
const TURN_MS = 0.2;
/** What was on its way when the market stopped has arrived after this. */
const SETTLE_MS = 500;
const EVERYTHING = { capacity: 1e9, refillPerSecond: 1e9 };
/** Characters of a message among which its channel stands. */
const HEAD = 160;
const DATA = '{"jsonrpc":"2.0","method":"subscription"';

interface Client {
  socket: Socket;
  name: string;
  isMuted: boolean;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

serveRounds<SideSetup, VenueRound, VenueOutcome>(({ cpu }) => {
  const epoch = newEpoch();
  const clock = new WallClock();
  const now = (): number => {
    clock.tick();
    return clock.now[0]!;
  };
  const keys = ['execution', 'feed'].map((clientId) => ({ clientId, clientSecret: SECRET, account: 'test' }));
  const limits = {
    ...MARKET_MAKER_LIMITS,
    requests: EVERYTHING,
    subscriptions: EVERYTHING,
    matching: EVERYTHING,
    massQuotes: EVERYTHING,
    cancelAll: EVERYTHING,
  };
  const { venue } = createSimulation({ seed: SEED, strikes: STRIKES, keys, limits }, machineSecrets, now);
  const clients = new Set<Client>();
  /** The last message of each channel that is needed later. */
  const tickers = new Map<string, string>();
  const reports = new Map<string, string>();
  let sender: BenchSide<SenderRound, SenderOutcome> | undefined;
  let isScheduled = false;

  const turn = (): void => {
    isScheduled = false;
    const end = performance.now() + TURN_MS;
    for (let at = now(); venue.hasWork(at) && performance.now() < end; at = now()) venue.work(at);
    schedule();
  };
  const schedule = (): void => {
    if (isScheduled || !venue.hasWork(now())) return;
    isScheduled = true;
    setImmediate(turn);
  };

  const remember = (client: Client, text: string): void => {
    const [, channel] = /"channel":"([^"]+)"/.exec(text.slice(0, HEAD)) ?? [];
    if (channel === undefined) return;
    if (client.name === 'feed' && channel.startsWith('ticker.')) tickers.set(channel, text);
    if (client.name === 'execution' && channel.startsWith('user.portfolio')) reports.set(channel, text);
  };

  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket, request) => {
    const client: Client = { socket: request.socket, name: '', isMuted: false };
    client.socket.setNoDelay(true);
    clients.add(client);
    const link: ClientLink = {
      send: (frame: Frame) => {
        const text = typeof frame === 'string' ? frame : frame.join('');
        if (text.startsWith(DATA)) {
          if (client.isMuted) return;
          remember(client, text);
        }
        socket.send(text, { binary: false });
      },
      end: () => socket.terminate(),
    };
    const connection = venue.connect(link, now());
    socket.on('message', (data) => {
      const text = String(data);
      if (client.name === '') client.name = /"client_id":"(\w+)"/.exec(text)?.[1] ?? '';
      connection.receive(text, now());
      venue.hasRequests(connection);
      schedule();
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clients.delete(client);
      connection.end('closed', '');
      schedule();
    });
  });
  setInterval(() => {
    venue.look(now());
    schedule();
  }, LOOK_MS);

  const clientCalled = (name: string): Client => {
    const found = [...clients].find((client) => client.name === name);
    if (found === undefined) throw new Error(`tick-to-quote: the engine's ${name} is not connected`);
    return found;
  };
  // The sender writes to the descriptor itself: it must not wait for this thread's event loop.
  const descriptorOf = ({ socket }: Client): number => (socket as unknown as { _handle: { fd: number } })._handle.fd;

  const still = async (): Promise<number> => {
    const feed = clientCalled('feed');
    const execution = clientCalled('execution');
    venue.isPaused = true;
    await pause(SETTLE_MS);
    feed.isMuted = true;
    await pause(SETTLE_MS);
    const set = frameSet(venue, tickers, [...reports.values()]);
    sender = startThread<SenderRound, SenderOutcome>(new URL('./venue-sender.js', import.meta.url), {
      epoch,
      set,
      feed: descriptorOf(feed),
      execution: descriptorOf(execution),
      cpu,
    });
    return set.options.length;
  };

  const outcome = (part: Partial<VenueOutcome> = {}): VenueOutcome => ({
    port: (server.address() as AddressInfo).port,
    epochSeconds: epoch.monotonicSeconds,
    options: 0,
    open: 0,
    due: [],
    sent: [],
    kinds: [],
    ...part,
  });

  return async (round) => {
    if (round.kind === 'listen') {
      if (server.address() === null) await once(server, 'listening');
      return outcome();
    }
    if (round.kind === 'count')
      return outcome({ open: venue.exchange.accounts.openOrders[venue.keys.get('execution')!.account]! });
    if (round.kind === 'still') return outcome({ options: await still() });
    if (round.kind === 'end') {
      await sender?.close();
      sender = undefined;
      return outcome();
    }
    if (sender === undefined) throw new Error('tick-to-quote: the market does not stand still');
    const { due, sent, kinds } = await sender.run(round.round);
    return outcome({ due: [...due], sent: [...sent], kinds: [...kinds] });
  };
});

/** What the frames begin from: the venue's books as the engine knows them. */
function frameSet(venue: Venue, tickers: ReadonlyMap<string, string>, reports: readonly string[]): FrameSet {
  const { books, instruments } = venue.exchange;
  const options: OptionFrames[] = [];
  const underlyings: UnderlyingFrames[] = [];
  for (const [id, { kind, name }] of instruments.definitions.entries()) {
    const best = (side: number): number => {
      const level = books.best(id, side);
      return level < 0 ? Number.NaN : books.levelTicks[level]!;
    };
    const bid = best(Side.BUY);
    const ask = best(Side.SELL);
    const changeId = books.changeId(id);
    const amount = instruments.amountOf(id, 100);
    if (kind === InstrumentKind.PERPETUAL && bid > 0 && ask > 0) {
      const middle = (bid + ask) >> 1;
      const mid = instruments.priceOf(id, middle);
      underlyings.push({ name, changeId, mid, tick: instruments.priceOf(id, middle + 1) - mid, amount });
    }
    const ticker = tickers.get(`ticker.${name}.raw`);
    if (kind !== InstrumentKind.OPTION || ticker === undefined || !(bid > 0)) continue;
    const price = instruments.priceOf(id, bid);
    const step = instruments.tickMultiple(id, bid);
    const above = instruments.priceOf(id, bid + step);
    const hasRoom = !(ask <= bid + step);
    options.push({
      name,
      changeId,
      bid: price,
      step: hasRoom ? above - price : 0,
      amount,
      ticker,
    });
  }
  return { options, underlyings, reports: [...reports] };
}
