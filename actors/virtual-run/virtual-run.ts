import type { StreamEdge } from '../../engine/runtime/actor/definition.js';
import type { RecordHandler } from '../../engine/runtime/edge/record.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import { core } from '../core.js';
import type { CoreSettings } from '../core-settings.js';
import type { ProtectionSettings } from '../execution/deribit/config.js';
import { approvedOrders, theos, tops } from '../streams.js';
import { DEFAULT_LIMITS, type RateLimits } from '../venue-sim/api/session/rate-limits.js';
import { Chaos } from '../venue-sim/chaos/chaos.js';
import { type ChaosConfig, noChaos } from '../venue-sim/chaos/config.js';
import { MarginModel, SelfMatch } from '../venue-sim/exchange/codes.js';
import type { ExchangeConfig } from '../venue-sim/exchange/config.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import { LatencySource } from '../venue-sim/latency.js';
import { WORLD, type WorldParameters } from '../venue-sim/world/parameters.js';
import { MarketTape, type TickerPace } from './market-tape.js';
import { DEFAULT_PATHS, type Paths } from './paths.js';
import type { RunMarket } from './run-market.js';
import { VirtualSession } from './session/virtual-session.js';
import { SimulatedMarket } from './simulated-market.js';
import { VirtualCalibrator } from './virtual-calibrator.js';
import { VirtualLog } from './virtual-log.js';

export interface VirtualRunOptions {
  /** The same seed gives the same run, to the byte. */
  seed: number;
  core: CoreSettings;
  world?: WorldParameters;
  /** In place of the simulated market of `world` on `exchange`. */
  market?: RunMarket;
  exchange?: Partial<Omit<ExchangeConfig, 'startTime'>>;
  paths?: Partial<Paths>;
  pace?: TickerPace;
  /** What the venue allows the account. */
  limits?: RateLimits;
  /** Armed before the first quote, an index each. */
  protection?: readonly ProtectionSettings[];
  /** What the account begins with, coins by the currency's name. */
  deposit?: Readonly<Record<string, number>>;
  /** `MarginModel` of the account. */
  margin?: number;
  /** How the venue misbehaves. */
  chaos?: ChaosConfig;
  /** Called for each log event once it is stamped, the first of each start included: a journal's door. */
  onEvent?: RecordHandler;
}

const DEFAULT_PACE: TickerPace = { option: 10_000, future: 1000 };
const DEFAULT_DEPOSIT: Readonly<Record<string, number>> = { BTC: 100, ETH: 1000, USDC: 1_000_000 };
const SIMULATED = 0;

/** A position by the venue's own books. */
export interface TruePosition {
  instrument: number;
  name: string;
  /** Signed, the venue's amount unit. */
  size: number;
}

/**
 * The engine's core and the simulated venue with its world, in this thread and in virtual time: market data goes from the exchange into
 * the log, approved orders to the exchange, what comes of them back into the log, each after a latency. Nothing is waited for: it runs as
 * fast as the stages do, and the same seed gives the same bytes. For backtests, properties and chaos.
 *
 * At equal times the market moves first, then requests arrive at the venue, then messages reach the log, then timers fire.
 */
export class VirtualRun {
  readonly market: RunMarket;
  readonly tape: MarketTape;
  readonly session: VirtualSession;
  readonly chaos: Chaos;
  readonly settings: CoreSettings;
  /** The core and its log; another one after a restart. */
  log!: VirtualLog;
  calibrator!: VirtualCalibrator;
  /** Starts of the engine. */
  run = 0;
  readonly #calibration: LatencySource;
  readonly #onEvent: RecordHandler | undefined;
  readonly #heard: { edge: StreamEdge; handler: RecordHandler }[] = [];
  #isAlive = false;

  constructor({ seed, world = WORLD, core: settings, ...options }: VirtualRunOptions) {
    const { margin = MarginModel.NONE, deposit = DEFAULT_DEPOSIT, chaos = noChaos } = options;
    const paths = { ...DEFAULT_PATHS, ...options.paths };
    this.settings = settings;
    this.#onEvent = options.onEvent;
    this.chaos = new Chaos(chaos);
    const account = { name: 'engine', margin, selfMatch: SelfMatch.REJECT_TAKER };
    this.market = options.market ?? new SimulatedMarket(seed, world, options.exchange ?? {}, account);
    const { exchange } = this.market;
    const { bases } = this.market;
    for (const [currency, { name }] of exchange.config.currencies.entries()) {
      exchange.deposit(this.market.account, currency, deposit[name] ?? 0);
    }
    this.tape = new MarketTape(exchange, {
      instruments: settings.instruments,
      pace: options.pace ?? DEFAULT_PACE,
      latency: new LatencySource(paths.data, seed, 'data of the engine'),
      chaos: this.chaos,
    });
    this.session = new VirtualSession({
      exchange,
      account: this.market.account,
      definitions: this.tape.definitions,
      instruments: settings.instruments,
      paths,
      seed,
      chaos: this.chaos,
      limits: options.limits ?? DEFAULT_LIMITS,
      protection: options.protection ?? bases.map((base) => defaultProtection(`${base.toLowerCase()}_usd`)),
      currencies: bases,
    });
    this.#calibration = new LatencySource(paths.calibration, seed, 'calibrations');
    this.market.listeners.push(this.tape, this.session.news);
    this.start();
  }

  get exchange(): Exchange {
    return this.market.exchange;
  }

  get world(): RunMarket['world'] {
    return this.market.world;
  }

  /** Virtual time, milliseconds since the Unix epoch. */
  get now(): number {
    return this.exchange.now;
  }

  /** Hears what a stage of the core writes, after restarts too. It may not write events. */
  hear(edge: StreamEdge, handler: RecordHandler): void {
    this.#heard.push({ edge, handler });
    this.log.hear(edge, handler);
  }

  /** Goes on for so long, seconds. */
  advance(seconds: number): void {
    this.advanceTo(this.now + seconds * 1000);
  }

  /** Goes to a time, milliseconds since the Unix epoch. */
  advanceTo(time: number): void {
    const { exchange, world, session, tape } = this;
    for (;;) {
      const { log, calibrator } = this;
      let due = world.next;
      let what: number = Next.WORLD;
      let next = session.next;
      if (next < due) {
        due = next;
        what = Next.SESSION;
      }
      next = tape.lane.next;
      if (next < due) {
        due = next;
        what = Next.DATA;
      }
      next = tape.next;
      if (next < due) {
        due = next;
        what = Next.TAPE;
      }
      if (this.#isAlive) {
        next = calibrator.lane.next;
        if (next < due) {
          due = next;
          what = Next.SURFACE;
        }
        next = log.nextTimer / 1000;
        if (next < due) {
          due = next;
          what = Next.TIMER;
        }
        // What the core answers may come before anything else that is known of.
        if (log.isUnfinished && due * 1000 > log.time) {
          log.finish();
          session.flush();
          continue;
        }
      }
      if (due > time) break;
      if (what === Next.WORLD) {
        world.step();
        session.news.flush();
        continue;
      }
      exchange.advance(due);
      if (what === Next.SESSION) session.act();
      else if (what === Next.TAPE) tape.act();
      else {
        log.at(due * 1000);
        if (what === Next.DATA) tape.lane.arrive(log);
        else if (what === Next.SURFACE) calibrator.lane.arrive(log);
        else log.fireTimer();
      }
    }
    exchange.advance(time);
    session.news.flush();
  }

  /** Starts the engine: with an empty core, or where another one left off. */
  start(restored?: RestoredCore): void {
    this.run++;
    const log = new VirtualLog({
      stages: core(this.settings),
      ...(restored === undefined ? {} : { restored }),
    });
    this.log = log;
    this.calibrator = new VirtualCalibrator(log, this.#calibration);
    log.hear(approvedOrders, this.session.take);
    log.hear(theos, this.calibrator.hear);
    log.hear(tops, this.tape.hearTop);
    for (const { edge, handler } of this.#heard) log.hear(edge, handler);
    log.onEvent = this.#onEvent;
    log.at(this.now * 1000);
    log.begin(this.run, SIMULATED);
    this.#isAlive = true;
    this.tape.begin();
    this.session.begin(log, log.core.board);
  }

  /** Kills the engine: the core and all that was in its hands are gone. The venue goes on. */
  kill(): void {
    this.#isAlive = false;
    this.session.end();
    this.tape.end();
    this.log.core.close();
  }

  /** What the venue's own books say that the account holds. */
  positions(): TruePosition[] {
    const { exchange, account } = this.market;
    const { positions, instruments } = exchange;
    const found: TruePosition[] = [];
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      const instrument = positions.instrument[record]!;
      if (positions.lots[record] === 0) continue;
      const size = instruments.amountOf(instrument, positions.lots[record]!);
      found.push({ instrument, name: instruments.definitions[instrument]!.name, size });
    }
    return found.sort((left, right) => left.instrument - right.instrument);
  }

  /** What the account is worth by the venue's books, coins of a currency. */
  equity(currency: string): number {
    const { exchange, account } = this.market;
    const place = exchange.config.currencies.findIndex(({ name }) => name === currency);
    return exchange.margin(account, place).equity;
  }
}

const Next = { WORLD: 0, SESSION: 1, DATA: 2, TAPE: 3, SURFACE: 4, TIMER: 5 } as const;

function defaultProtection(index: string): ProtectionSettings {
  return {
    index,
    intervalSeconds: 5,
    frozenSeconds: 10,
    quantityLimit: 50,
    deltaLimit: 25,
    maxQuoteQuantity: 25,
  };
}
