/** The engine in a process of its own: pinning is for ever. */
import { OPTION_TRADING } from '../../../actors/core-settings.js';
import { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { tradingSettings } from '../../../actors/testing/trading/simulated-venue.js';
import type { CreditLimits } from '../../../engine/market/orders/credit-buckets.js';
import { SIMULATION_LIMITS } from '../../../engine/market/risk/limits.js';
import { Engine } from '../../../engine/runtime/host/engine.js';
import { autoPlacement } from '../../../engine/runtime/topology/placement.js';
import { type SideSetup, serveRounds } from '../../rig/side.js';
import { type SeenFrame, type SeenWrite, Tap } from './tap.js';
import { type TickToQuoteSettings, topology } from './topology.js';

export interface EngineSetup extends SideSetup {
  url: string;
  isEmpty: boolean;
}

export type EngineRound = 'start' | 'note' | 'tell' | 'stop';

export interface EngineOutcome {
  /** Seconds of CLOCK_MONOTONIC at which the engine's clock begins. */
  epochSeconds: number;
  /** The placement in words. */
  placement: string;
  frames: SeenFrame[];
  writes: SeenWrite[];
  /** What the engine warned of. */
  notes: string[];
}

const INSTRUMENTS = 1024;
const EVERYTHING = 1e9;
/** Nobody's limits are measured here. */
const WIDE: CreditLimits = { rate: EVERYTHING, burst: EVERYTHING };
const CREDITS = {
  matching: WIDE,
  nonMatching: WIDE,
  quotes: WIDE,
  massQuotes: WIDE,
  cancelAll: WIDE,
  cancelHeadroom: 1,
};
const BOOK_DEPTH = 64;
const WARM_UP_MS = 2000;

/** The engine as `npm start` runs it, without journal and killer. */
function settingsOf({ url, isEmpty }: EngineSetup, tap: SharedArrayBuffer): TickToQuoteSettings {
  const settings = tradingSettings(url);
  if (settings.feed.kind !== 'deribit' || settings.execution === undefined) throw new Error('expected a venue');
  const { feed, execution } = settings;
  const [first] = execution.protection;
  const definitions = DefinitionMemory.create(INSTRUMENTS).memory;
  const limits = {
    ...SIMULATION_LIMITS,
    requestsPerSecond: EVERYTHING,
    repeatsPerSecond: EVERYTHING,
    inFlight: EVERYTHING,
    openOrders: EVERYTHING,
  };
  return {
    ...settings,
    tap,
    isEmpty,
    core: {
      instruments: INSTRUMENTS,
      bookDepth: BOOK_DEPTH,
      trading: { ...OPTION_TRADING, credits: CREDITS, needsMmp: true },
      quoting: {},
      hedging: {},
      risk: { limits },
    },
    feed: {
      kind: 'deribit',
      config: { ...feed.config, filter: { currencies: ['BTC', 'ETH'] }, bookDepth: BOOK_DEPTH, definitions },
    },
    execution: {
      ...execution,
      protection: [
        { ...first!, index: 'btc_usd' },
        { ...first!, index: 'eth_usd', quantityLimit: 50, maxQuoteQuantity: 50 },
      ],
      definitions,
      instruments: INSTRUMENTS,
    },
  };
}

serveRounds<EngineSetup, EngineRound, EngineOutcome>((setup) => {
  const memory = Tap.memory();
  const tap = new Tap(memory);
  const notes: string[] = [];
  const settings = settingsOf(setup, memory);
  const built = topology(settings);
  const placement = autoPlacement(built);
  const engine = new Engine({
    topologyModule: new URL('./topology.js', import.meta.url).href,
    topology: built,
    settings,
    placement,
    engineRun: 1,
    engineId: 1,
    warmUp: { mostMs: WARM_UP_MS, events: Number.POSITIVE_INFINITY },
    onNote: (level, who, message) => {
      if (level === 'fatal') throw new Error(`tick-to-quote: ${who}: ${message}`);
      if (level !== 'info') notes.push(`${who}: ${message}`);
    },
  });
  const told = (found: { frames: SeenFrame[]; writes: SeenWrite[] }): EngineOutcome => ({
    epochSeconds: engine.epoch.monotonicSeconds,
    placement: placement.threads
      .map(({ name, cpu }) => (cpu === undefined ? name : `${name} on CPU ${cpu}`))
      .join(', '),
    ...found,
    notes: notes.splice(0),
  });
  const nothing = { frames: [], writes: [] };
  return async (round) => {
    if (round === 'start') await engine.start();
    else if (round === 'note') tap.begin();
    else if (round === 'tell') return told(tap.end());
    else await engine.stop();
    return told(nothing);
  };
});
