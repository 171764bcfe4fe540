import { SIMULATION_LIMITS } from '../../../engine/market/risk/limits.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { RestoredCore } from '../../../engine/runtime/host/restored-core.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { core } from '../../core.js';
import { type CoreSettings, OPTION_TRADING } from '../../core-settings.js';
import { approvedOrders, exposures, orderStates } from '../../streams.js';
import { MARKET_MAKER_LIMITS } from '../../venue-sim/api/session/rate-limits.js';
import { type ChaosConfig, noChaos } from '../../venue-sim/chaos/config.js';
import { Dice } from '../../venue-sim/chaos/dice.js';
import { WORLD, type WorldParameters } from '../../venue-sim/world/parameters.js';
import { VirtualLog } from '../../virtual-run/virtual-log.js';
import { VirtualRun } from '../../virtual-run/virtual-run.js';
import { EngineBooks } from './engine-books.js';

/** A small chain, so that many seeds fit into a minute. */
const SMALL: WorldParameters = { ...WORLD, strikes: 4, currencies: [WORLD.currencies[0]!] };
/** Greatest position in one option, USD: tight, so that it binds. */
const POSITION_USD = 150_000;
/** Quotes that are better than the market's, so that they trade. */
const CORE: CoreSettings = {
  instruments: 192,
  bookDepth: 4,
  trading: { ...OPTION_TRADING, halfWidth: 0.0001, relativeHalfWidth: 0.004, amount: 4 },
  risk: { limits: { ...SIMULATION_LIMITS, positionUsd: POSITION_USD } },
};
/** Seconds of chaos, and of peace after it: longer than the engine takes to reconcile by its timer. */
const CHAOS_SECONDS = 40;
const PEACE_SECONDS = 75;
const SNAPSHOT_SECONDS = 8;
/** Events that were not on the disk yet when the engine died. */
const MOST_LOST_EVENTS = 30;
/** A fill that is known this soon was told by the ordinary way, milliseconds. */
const PROMPT_MS = 10;
/** A position may be beyond its limit by no more than this part: prices of the index move between approval and look. */
const INDEX_DRIFT = 0.02;

export interface TrialResult {
  seed: number;
  /** What differs at the end, or was wrong on the way; empty where all is well. */
  differences: string[];
  kills: number;
  breaks: number;
  fills: number;
  requests: number;
  events: number;
  /** What chaos did, by name. */
  misbehaviour: ReadonlyMap<string, number>;
}

/** How a seed misbehaves: each kind of misbehaviour in about half of the seeds, in some of them often. */
export function chaosOf(seed: number): ChaosConfig {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1));
  const often = (most: number): number => (dice.happens(0.5) ? most * dice.throw() * dice.throw() : 0);
  const hasMaintenance = dice.happens(0.2);
  return {
    ...noChaos,
    seed,
    drop: often(0.02),
    duplicate: often(0.1),
    reorder: often(0.1),
    delay: often(0.05),
    corrupt: often(0.005),
    gap: often(0.02),
    stall: often(0.003),
    breakBeforeOrder: often(0.02),
    breakAfterOrder: often(0.02),
    loseAcknowledgement: often(0.05),
    fillBeforeAcknowledgement: often(0.3),
    fillAfterCancel: often(0.5),
    reject: often(0.1),
    quoteFailure: often(0.05),
    rateLimit: often(0.01),
    clockJump: often(0.02),
    slowRead: often(0.1),
    maintenanceEveryMs: hasMaintenance ? 15_000 : 0,
    maintenanceMs: hasMaintenance ? 2000 : 0,
  };
}

/** The engine's events since a copy of the core was kept, as a journal would hold them. */
class Tail {
  readonly records: { type: number; time: number; bytes: Uint8Array }[] = [];
}

/**
 * One seed of every misbehaviour of the venue, with the engine killed and recovered on the way; then peace, and the engine's books
 * beside the venue's.
 */
export class ChaosTrial {
  readonly run: VirtualRun;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #differences: string[] = [];
  readonly #identities = new Set<string>();
  readonly #order = new ApprovedOrder();
  #books = new EngineBooks();
  #kept: { core: RestoredCore; books: EngineBooks };
  #tail = new Tail();
  #kills = 0;
  #events = 0;
  readonly #farthest = new Map<number, number>();
  readonly #unknowable = new Map<number, number>();
  /** When each trade of the engine's account was done, by the venue's id. */
  readonly #traded = new Map<string, number>();

  constructor(seed: number, chaos: ChaosConfig = chaosOf(seed)) {
    this.#seed = seed;
    this.#dice = new Dice(Math.imul(seed, 0x85ebca6b) ^ 1);
    this.run = new VirtualRun({ seed, world: SMALL, core: CORE, chaos, limits: MARKET_MAKER_LIMITS });
    this.run.hear(orderStates, (type, buffer, offset) => this.#books.orderStates(type, buffer, offset));
    this.run.hear(exposures, (type, buffer, offset) => this.#books.exposures(type, buffer, offset));
    this.run.hear(approvedOrders, (type, buffer, offset) => this.#approved(type, buffer, offset));
    this.run.market.listeners.push({
      traded: (id) => {
        this.#traded.set(String(id), this.run.now);
      },
    });
    this.#books.onFill = (...fill) => this.#onFill(...fill);
    this.#listen();
    this.#kept = { core: this.run.log.snapshot(), books: this.#books.copy() };
  }

  result(): TrialResult {
    const kills = this.#dice.happens(0.7) ? 1 + this.#dice.index(3) : 0;
    const moments = Array.from({ length: kills }, () => this.#dice.between(3, CHAOS_SECONDS)).sort((a, b) => a - b);
    let second = 0;
    let next = SNAPSHOT_SECONDS;
    for (const moment of [...moments, CHAOS_SECONDS]) {
      while (next < moment) {
        this.#go(next - second);
        second = next;
        next += SNAPSHOT_SECONDS;
        this.#keep();
      }
      this.#go(moment - second);
      second = moment;
      if (moment < CHAOS_SECONDS) this.#kill();
    }
    const misbehaviour = new Map(this.run.chaos.counts);
    this.run.chaos.configure({ ...noChaos }, this.run.now);
    this.#go(PEACE_SECONDS);
    this.#compare();
    this.#checkLimits();
    const { session } = this.run;
    // Who overdraws the venue's credits loses the connection, and every quote with it.
    if (session.rateRefusals > 0) this.#differ(`${session.rateRefusals} requests were refused for their number`);
    return {
      seed: this.#seed,
      differences: this.#differences,
      kills: this.#kills,
      breaks: session.breaks,
      fills: session.news.trades.length,
      requests: session.requests,
      events: this.#events,
      misbehaviour,
    };
  }

  /** Goes on, looking at the positions on the way. */
  #go(seconds: number): void {
    const until = this.run.now + seconds * 1000;
    while (this.run.now < until) {
      this.run.advanceTo(Math.min(until, this.run.now + 500));
      this.#look();
    }
  }

  /** Remembers how far each position has been from none, USD. */
  #look(): void {
    const { exchange } = this.run;
    const { instruments, indices } = exchange;
    for (const { instrument, size } of this.run.positions()) {
      const usd = Math.abs(size) * indices.prices[instruments.index[instrument]!]!;
      if (usd > (this.#farthest.get(instrument) ?? 0)) this.#farthest.set(instrument, usd);
    }
  }

  /** A fill that the venue told late could not be known when the next order was approved. */
  #onFill(tradeId: string, instrument: number, amount: number): void {
    const traded = this.#traded.get(tradeId);
    if (traded !== undefined && this.run.now - traded <= PROMPT_MS) return;
    const { instruments, indices } = this.run.exchange;
    const usd = Math.abs(amount) * indices.prices[instruments.index[instrument]!]!;
    this.#unknowable.set(instrument, (this.#unknowable.get(instrument) ?? 0) + usd);
  }

  #checkLimits(): void {
    for (const [instrument, usd] of this.#farthest) {
      const allowed = POSITION_USD * (1 + INDEX_DRIFT) + (this.#unknowable.get(instrument) ?? 0);
      if (usd <= allowed) continue;
      const { name } = this.run.exchange.instruments.definitions[instrument]!;
      this.#differ(`a position of ${Math.round(usd)} USD in ${name}, allowed were ${Math.round(allowed)}`);
    }
  }

  #listen(): void {
    this.run.log.onEvent = (type, buffer, offset) => {
      this.#events++;
      const length = buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
      const bytes = new Uint8Array((length + 7) & ~7);
      copyBody(buffer, offset, new ViewBuffer(bytes.buffer), 0, length);
      const time = buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
      this.#tail.records.push({ type, time, bytes });
    };
  }

  #keep(): void {
    this.#kept = { core: this.run.log.snapshot(), books: this.#books.copy() };
    this.#tail = new Tail();
  }

  /** The engine dies, and comes back from what was on the disk. */
  #kill(): void {
    this.#kills++;
    this.run.kill();
    this.#go(this.#dice.between(0.2, 3));
    const { records } = this.#tail;
    records.length = Math.max(0, records.length - this.#dice.index(MOST_LOST_EVENTS));
    const books = this.#kept.books.copy();
    const log = new VirtualLog({ stages: core(CORE), restored: this.#kept.core });
    log.hear(orderStates, books.orderStates);
    log.hear(exposures, books.exposures);
    for (const { type, time, bytes } of records) {
      log.at(time);
      log.take(new Float64Array(bytes.buffer), 0, new DataView(bytes.buffer).getInt32(0, true), type);
    }
    const restored = log.snapshot();
    log.core.close();
    this.#books = books;
    books.onFill = (...fill) => this.#onFill(...fill);
    this.#tail = new Tail();
    this.#kept = { core: restored, books: books.copy() };
    this.run.start(restored);
    this.#listen();
    // The first events of the new run were stamped before anybody listened.
    this.#keep();
  }

  #approved(type: number, buffer: ViewBuffer, offset: number): void {
    if (type !== MessageType.APPROVED_ORDER) return;
    const order = this.#order.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const identity = `${order.run()}-${seq}-${order.requestIndex()}`;
    // A run that was killed may have decided on events that its successor never learnt of: then the run's number tells them apart.
    if (this.#identities.has(`${this.run.run}:${identity}`)) this.#differ(`request ${identity} was approved twice`);
    this.#identities.add(`${this.run.run}:${identity}`);
  }

  #compare(): void {
    const { run } = this;
    const { exchange, session, market } = run;
    const { instruments, orders, accounts } = exchange;
    const books = this.#books;
    const open = new Map(
      session.messages.open().map((id) => {
        const slot = orders.slotOf(id);
        return [
          session.messages.order(id)!.order_id,
          instruments.amountOf(orders.instrument[slot]!, orders.lots[slot]!),
        ];
      }),
    );
    for (const [slot, order] of books.orders) {
      const left = open.get(order.venueId);
      const what = `order in slot ${slot} (${order.venueId || 'no id'}, status ${order.status})`;
      if (order.requests > 0 || order.venueId === '') {
        // In flight at this very moment.
        if (session.inFlight === 0) this.#differ(`${what}: ${order.requests} requests without an outcome`);
      } else if (left === undefined) this.#differ(`${what} is not open at the venue`);
      else if (Math.abs(left - order.remaining) > 1e-9)
        this.#differ(`${what}: ${order.remaining} left, ${left} at the venue`);
      open.delete(order.venueId);
    }
    for (const [id, left] of open) {
      if (session.inFlight === 0) this.#differ(`order ${id} with ${left} left is open at the venue and not known`);
    }
    const truth = new Map(run.positions().map(({ instrument, size }) => [instrument, size]));
    for (const [what, believed] of [
      ['fills', books.filled],
      ['portfolio', books.positions],
    ] as const) {
      for (const instrument of new Set([...truth.keys(), ...believed.keys()])) {
        const here = believed.get(instrument) ?? 0;
        const there = truth.get(instrument) ?? 0;
        if (Math.abs(here - there) > 1e-9) {
          this.#differ(`${instruments.definitions[instrument]!.name}: ${here} by the ${what}, ${there} at the venue`);
        }
      }
    }
    const balance = accounts.balance[accounts.at(market.account, 0)]! / accounts.unitsPer[0]!;
    const believed = DEPOSIT - books.paid - books.fees;
    if (Math.abs(balance - believed) > 1e-8 * (2 + books.fills)) {
      this.#differ(`cash of ${believed} by the fills, ${balance} at the venue`);
    }
    if (books.state !== READY)
      this.#differ(`the engine is not ready in peace: state ${books.state}, reasons ${books.reasons}`);
  }

  #differ(text: string): void {
    if (this.#differences.length < MOST_DIFFERENCES) this.#differences.push(text);
  }
}

const DEPOSIT = 100;
const READY = 3;
const MOST_DIFFERENCES = 20;
