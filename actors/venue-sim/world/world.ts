import type { Exchange } from '../exchange/exchange.js';
import { Agenda } from './agenda.js';
import { Chain } from './chain.js';
import { FuturesTrading } from './futures-trading.js';
import { Listing } from './listing.js';
import { fairPerpetual, type Market, rowAt } from './market.js';
import { MarketPath } from './market-path.js';
import { WORLD, type WorldParameters } from './parameters.js';
import { openWorldAccounts, type Participants, participantsOf, type WorldAccounts } from './participants.js';
import { Publication } from './publication.js';
import { Season } from './season.js';
import { LISTING, PATH, SHARED_TASKS, Task, taskName } from './tasks.js';
import { TradeNews } from './trade-news.js';

/** Between two looks at whether fair values are due, when none was; and when one was. */
const MARKS_LOOK_MS = 100;
const MARKS_PACE_MS = 1;

/** Between the parts of a ladder's move. */
const LADDER_PACE_MS = 0.5;

/** Options that one currency has room for, as a multiple of what it begins with. */
const ROOM = 3;

export interface WorldOptions {
  /** Any integer: the same seed gives the same world, to the byte. */
  seed: number;
  parameters?: WorldParameters;
}

/**
 * The simulated market on an exchange: lists instruments, moves index, forwards and fair vols, and trades, all on the exchange's
 * clock. What happens is a pure function of the seed, of the parameters and of the orders that others send.
 *
 * The world lives in small steps. `advance` goes to a time as fast as it can; who must share a thread calls `step` while `next`
 * is due, each step a few microseconds of work.
 */
export class World {
  readonly exchange: Exchange;
  /** Whoever trades in it. */
  readonly accounts: WorldAccounts;
  readonly parameters: WorldParameters;
  readonly path: MarketPath;
  readonly markets: Market[];
  /** Steps done since the start. */
  steps = 0;

  readonly #agenda: Agenda;
  readonly #participants: Participants[];
  readonly #publication: Publication;
  readonly #futures: FuturesTrading;
  readonly #listing: Listing;
  readonly #news: TradeNews;
  readonly #tasks: number;
  #lastTask = PATH;
  #pathSteps = 0;

  /** @param exchange fresh: its clock stands at the parameters' start. @throws RangeError where it does not */
  constructor(exchange: Exchange, { seed, parameters = WORLD }: WorldOptions) {
    if (exchange.now !== parameters.startTime) {
      throw new RangeError(
        `the world starts at ${parameters.startTime}, the exchange's clock stands at ${exchange.now}: give the exchange that startTime`,
      );
    }
    this.exchange = exchange;
    this.parameters = parameters;
    const { currencies, makers, futures, optionTakers } = parameters;
    const now = parameters.startTime;
    const { horizonMs, leaningHorizonMs } = optionTakers;
    const farthest = Math.max(futures.informedHorizonMs, horizonMs, leaningHorizonMs);
    const oldest = Math.max(futures.latencyMs, ...makers.map(({ latencyMs }) => latencyMs));
    const path = new MarketPath(parameters, seed, farthest + parameters.stepMs, oldest + parameters.stepMs);
    const season = new Season(parameters.hours, parameters.days);
    const accounts = openWorldAccounts(exchange, parameters);
    this.accounts = accounts;
    const capacity = ROOM * 13 * 2 * parameters.strikes;
    this.path = path;
    this.markets = currencies.map((own, currency) => ({
      exchange,
      path,
      season,
      chain: new Chain(exchange, parameters, currency, capacity),
      currency,
      parameters: own,
    }));
    this.#tasks = Task.MAKER + makers.length;
    this.#agenda = new Agenda(SHARED_TASKS + currencies.length * this.#tasks);
    this.#participants = this.markets.map((market) => participantsOf(market, parameters, accounts, seed));
    this.#publication = new Publication(exchange, path, this.markets);
    this.#futures = new FuturesTrading(exchange, path, futures, accounts.taker);
    this.#news = new TradeNews(exchange);
    this.#listing = new Listing(parameters, path, this.#participants, accounts.futuresMaker);
    this.#publication.publish(this.#pathSteps);
    this.#listing.open(now);
    this.#begin(now);
  }

  /** When the next step is due, milliseconds since the Unix epoch. */
  get next(): number {
    return this.#agenda.firstTime;
  }

  /** Goes to a time: all steps that are due by then, and the exchange's clock. */
  advance(time: number): void {
    const agenda = this.#agenda;
    while (agenda.firstTime <= time) this.step();
    this.exchange.advance(time);
  }

  /** Does the next step, at its time. */
  step(): void {
    const agenda = this.#agenda;
    const task = agenda.first;
    const now = agenda.firstTime;
    this.exchange.advance(now);
    this.steps++;
    this.#lastTask = task;
    agenda.set(task, this.#do(task, now));
  }

  /** What the last step was, in words. */
  didLast(): string {
    return taskName(this.#lastTask, this.#tasks);
  }

  /** Does a task and returns when it is due next. */
  #do(task: number, now: number): number {
    if (task === PATH) return this.#movePath(now);
    if (task === LISTING) return this.#listing.bringUpToDate(now);
    const place = task - SHARED_TASKS;
    const participants = this.#participants[Math.floor(place / this.#tasks)]!;
    const { market, perpetualFlow, optionFlow } = participants;
    const kind = place % this.#tasks;
    switch (kind) {
      case Task.MARKS:
        return this.#refreshMarks(market, now);
      case Task.LADDER: {
        const { latencyMs, perpetualLookMs } = this.parameters.futures;
        const more = participants.ladder.follow(fairPerpetual(market, rowAt(market, now, latencyMs)));
        return now + (more ? LADDER_PACE_MS : perpetualLookMs);
      }
      case Task.FUTURES:
        return this.#futures.follow(participants, now);
      case Task.PERPETUAL_TAKER:
        return perpetualFlow.take(now);
      case Task.PERPETUAL_LIMIT:
        return perpetualFlow.rest(now);
      case Task.PERPETUAL_WITHDRAWAL:
        return perpetualFlow.withdraw(now);
      case Task.PERPETUAL_INFORMED:
        return perpetualFlow.foresee(now);
      case Task.OPTION_TAKER:
        return optionFlow.take(now);
      case Task.OPTION_INFORMED:
        return optionFlow.foresee(now);
      case Task.OPTION_LIMIT:
        return optionFlow.rest(now);
      case Task.OPTION_WITHDRAWAL:
        return optionFlow.withdraw(now);
      case Task.FUTURE_TAKER:
        return this.#futures.take(participants, now);
      case Task.FORWARDS:
        return this.#publication.publishForward(participants, now);
      default:
        return participants.makers[kind - Task.MAKER]!.look(now);
    }
  }

  /** When each task is due first: spread over the first second, so that not all come at once. */
  #begin(now: number): void {
    const agenda = this.#agenda;
    agenda.set(PATH, now + this.parameters.stepMs);
    agenda.set(LISTING, this.#listing.nextRoll);
    for (const [currency, { perpetualFlow, optionFlow }] of this.#participants.entries()) {
      const first = SHARED_TASKS + currency * this.#tasks;
      for (let kind = 0; kind < this.#tasks; kind++) agenda.set(first + kind, now + 1 + kind + currency * 0.5);
      agenda.set(first + Task.PERPETUAL_TAKER, perpetualFlow.nextTaker(now));
      agenda.set(first + Task.PERPETUAL_LIMIT, perpetualFlow.nextLimit(now));
      agenda.set(first + Task.OPTION_TAKER, optionFlow.nextTaker(now));
    }
  }

  #movePath(now: number): number {
    this.path.advance();
    this.#pathSteps++;
    this.#publication.publish(this.#pathSteps);
    this.#news.spread(this.#participants);
    return now + this.parameters.stepMs;
  }

  /** Refreshes the fair values of the expiry that needs it most. */
  #refreshMarks({ chain }: Market, now: number): number {
    if (chain.goOnRefreshing()) return now + MARKS_PACE_MS;
    let most = 1;
    let chosen = -1;
    for (let expiry = 0; expiry < chain.surface.count; expiry++) {
      const urgency = chain.urgency(this.path, expiry, now);
      if (urgency < most) continue;
      most = urgency;
      chosen = expiry;
    }
    if (chosen < 0) return now + MARKS_LOOK_MS;
    chain.beginRefresh(this.path, chosen, now);
    return now + MARKS_PACE_MS;
  }
}
