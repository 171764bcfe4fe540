import { WallClock } from '../../../engine/runtime/clock/event-clock.js';
import { OPTION_TRADING } from '../../core-settings.js';
import { DefinitionMemory } from '../../feed/entry/definition-memory.js';
import { FeedCounters } from '../../feed/entry/feed-counters.js';
import type { EngineSettings } from '../../topology.js';
import { machineSecrets } from '../../venue-sim/api/server/secrets.js';
import { VenueServer } from '../../venue-sim/api/server/server.js';
import { createSimulation } from '../../venue-sim/api/server/simulation.js';
import type { ChaosConfig } from '../../venue-sim/chaos/config.js';

const INSTRUMENTS = 512;
const SECRET = 'of nobody';
/** What may be traded against the quotes of an index in five seconds, coins. */
export const PROTECTED_AMOUNT = 2;

/** The simulated venue in this thread, on a real socket. */
export async function simulatedVenue(options: {
  seed: number;
  strikes: number;
  chaos?: ChaosConfig;
}): Promise<{ server: VenueServer; url: string; venue: ReturnType<typeof createSimulation>['venue'] }> {
  const clock = new WallClock();
  const now = (): number => {
    clock.tick();
    return clock.now[0]!;
  };
  const keys = ['execution', 'feed'].map((clientId) => ({ clientId, clientSecret: SECRET, account: 'test' }));
  const { venue } = createSimulation({ ...options, keys }, machineSecrets, now);
  const server = new VenueServer(venue);
  const port = await server.listen(0);
  return { server, url: `ws://127.0.0.1:${port}/ws/api/v2`, venue };
}

/** The engine as it trades on that venue. */
export function tradingSettings(url: string, run = 1): EngineSettings {
  const definitions = DefinitionMemory.create(INSTRUMENTS).memory;
  const credentials = (clientId: string) => ({ grant: 'client_signature', clientId, clientSecret: SECRET }) as const;
  return {
    core: { instruments: INSTRUMENTS, bookDepth: 16, trading: { ...OPTION_TRADING, needsMmp: true } },
    start: { run, mode: 0 },
    feed: {
      kind: 'deribit',
      config: {
        url,
        connections: 1,
        venue: 1,
        clock: { kind: 'wall' },
        interval: 'raw',
        filter: { currencies: ['BTC'] },
        bookDepth: 16,
        tickerSilenceMs: 60_000,
        credentials: credentials('feed'),
        definitions,
        counters: FeedCounters.create().memory,
      },
    },
    execution: {
      url,
      venue: 1,
      accounts: [{ account: 0, credentials: credentials('execution'), connections: 1 }],
      currencies: ['BTC', 'ETH'],
      protection: [
        {
          index: 'btc_usd',
          intervalSeconds: 5,
          frozenSeconds: 2,
          quantityLimit: PROTECTED_AMOUNT,
          maxQuoteQuantity: 5,
        },
      ],
      massQuotes: true,
      definitions,
      instruments: INSTRUMENTS,
    },
    peers: [],
  };
}
