import { MarginModel, SelfMatch } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';
import { Agenda } from './agenda.js';
import { Chain } from './chain.js';
import { LadderMaker } from './ladder-maker.js';
import { fairPerpetual, type Market, rowAt } from './market.js';
import { Column, MarketPath } from './market-path.js';
import { OptionFlow } from './option-flow.js';
import { OptionMaker } from './option-maker.js';
import { WORLD, type WorldParameters } from './parameters.js';
import { PerpetualFlow } from './perpetual-flow.js';
import { RandomStream } from './random.js';
import { Season } from './season.js';

/** What each currency has on the agenda, beside its makers of options. */
const Task = {
  MARKS: 0,
  LADDER: 1,
  FUTURES: 2,
  PERPETUAL_TAKER: 3,
  PERPETUAL_LIMIT: 4,
  PERPETUAL_WITHDRAWAL: 5,
  PERPETUAL_INFORMED: 6,
  OPTION_TAKER: 7,
  OPTION_INFORMED: 8,
  OPTION_LIMIT: 9,
  OPTION_WITHDRAWAL: 10,
  FUTURE_TAKER: 11,
  FORWARDS: 12,
  /** The first of the makers. */
  MAKER: 13,
} as const;

/** On the agenda before all currencies: the path of the market, and the listing. */
const PATH = 0;
const LISTING = 1;
const SHARED_TASKS = 2;

/** How long after the full hour the listing is looked at: expired instruments have been delivered then. */
const LISTING_DELAY_MS = 5;
const LISTING_PACE_MS = 1;
const HOUR_MS = 3_600_000;

/** Between two looks at whether fair values are due, when none was; and when one was. */
const MARKS_LOOK_MS = 100;
const MARKS_PACE_MS = 1;

/** Between the parts of a ladder's move. */
const LADDER_PACE_MS = 0.5;

/** The marks of each expiry go along with its forward this often. */
const FORWARDS_MS = 1000;

/** Steps of the path from one funding rate to the next. */
const FUNDING_STEPS = 40;

/** Funding is the premium beyond this part of the price, as the venue's rule has it. */
const FUNDING_DEADBAND = 0.000_25;
const FUNDING_MOST = 0.005;

/** Options that one currency has room for, as a multiple of what it begins with. */
const ROOM = 3;

/** USD of the first level of a future's ladder. */
const FUTURE_AMOUNT = 5000;

interface Participants {
  market: Market;
  ladder: LadderMaker;
  /** By expiry; undefined where there is no future. */
  futures: (LadderMaker | undefined)[];
  perpetualFlow: PerpetualFlow;
  optionFlow: OptionFlow;
  makers: OptionMaker[];
  random: RandomStream;
  /** Future, and expiry, that is looked at next. */
  nextFuture: number;
  nextForward: number;
}

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
  readonly parameters: WorldParameters;
  readonly path: MarketPath;
  readonly markets: Market[];
  /** Steps done since the start. */
  steps = 0;

  readonly #agenda: Agenda;
  readonly #season: Season;
  readonly #participants: Participants[];
  readonly #indices: number[][];
  readonly #tasks: number;
  readonly #futuresMaker: number;
  readonly #futuresTaker: number;
  /** When the listing is looked at next. */
  #nextRoll: number;
  /** Currency whose listing is looked at next. */
  #rolling = 0;
  #lastTrade = 0;
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
    this.path = new MarketPath(parameters, seed, farthest + parameters.stepMs, oldest + parameters.stepMs);
    this.#season = new Season(parameters.hours, parameters.days);
    this.#indices = currencies.map(({ name }) =>
      exchange.config.indices.flatMap(({ base }, index) => (base === name ? [index] : [])),
    );
    this.#tasks = Task.MAKER + makers.length;
    this.#agenda = new Agenda(SHARED_TASKS + currencies.length * this.#tasks);

    const open = (name: string): number =>
      exchange.openAccount({ name, margin: MarginModel.NONE, selfMatch: SelfMatch.CANCEL_MAKER });
    const makerAccounts = makers.map(({ name }) => open(name));
    const accounts = { taker: open('takers'), informed: open('informed'), passive: open('resting') };
    const futuresMaker = open('futures-maker');
    const capacity = ROOM * 13 * 2 * parameters.strikes;
    this.markets = currencies.map((own, currency) => ({
      exchange,
      path: this.path,
      season: this.#season,
      chain: new Chain(exchange, parameters, currency, capacity),
      currency,
      parameters: own,
    }));
    this.#participants = this.markets.map((market) => {
      const { name } = market.parameters;
      const random = (part: string): RandomStream => new RandomStream(seed, `${name} ${part}`);
      const amounts = futures.ladder.map((_, level) => {
        let usd = futures.firstLevel;
        for (let step = 0; step < level; step++) usd *= futures.levelGrowth;
        return usd;
      });
      return {
        market,
        ladder: new LadderMaker(
          exchange,
          futuresMaker,
          market.chain.perpetual,
          futures.ladder,
          amounts,
          random('ladder'),
        ),
        futures: [],
        perpetualFlow: new PerpetualFlow(market, futures, accounts, random('perpetual flow'), now),
        optionFlow: new OptionFlow(market, optionTakers, accounts, random('option flow'), now),
        makers: makers.map((maker, index) => new OptionMaker(market, maker, makerAccounts[index]!, random(maker.name))),
        random: random('futures'),
        nextFuture: 0,
        nextForward: 0,
      };
    });
    this.#futuresMaker = futuresMaker;
    this.#futuresTaker = accounts.taker;
    this.#publish();
    this.#nextRoll = now;
    while (this.#list(now) === now + LISTING_PACE_MS);
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
    agenda.set(task, this.#do(task, now));
  }

  /** Does a task and returns when it is due next. */
  #do(task: number, now: number): number {
    if (task === PATH) return this.#movePath(now);
    if (task === LISTING) return this.#list(now);
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
        return this.#followFuture(participants, now);
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
        return this.#takeFuture(participants, now);
      case Task.FORWARDS:
        return this.#publishForward(participants, now);
      default:
        return participants.makers[kind - Task.MAKER]!.look(now);
    }
  }

  /** When each task is due first: spread over the first second, so that not all come at once. */
  #begin(now: number): void {
    const agenda = this.#agenda;
    agenda.set(PATH, now + this.parameters.stepMs);
    agenda.set(LISTING, this.#nextRoll);
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
    this.#publish();
    this.#hearTrades();
    return now + this.parameters.stepMs;
  }

  /** Tells the exchange where indices, perpetuals and forwards stand. */
  #publish(): void {
    const { exchange, path } = this;
    const { values } = path;
    for (let currency = 0; currency < this.markets.length; currency++) {
      const market = this.markets[currency]!;
      const { chain } = market;
      const row = path.at(currency, 0);
      const index = Math.exp(values[row + Column.LOG_INDEX]!);
      const indices = this.#indices[currency]!;
      for (let place = 0; place < indices.length; place++) exchange.setIndex(indices[place]!, index);
      exchange.setFutureMark(chain.perpetual, fairPerpetual(market, row));
      if (this.#pathSteps % FUNDING_STEPS === 0) {
        exchange.setFundingRate(chain.perpetual, fundingRate(values[row + Column.PREMIUM]!));
      }
    }
  }

  /** Lets the marks of one expiry go along with its forward: of each in turn. */
  #publishForward(participants: Participants, now: number): number {
    const { exchange, path } = this;
    const { surface, instrument, vol, members, futures } = participants.market.chain;
    const expiry = participants.nextForward++ % surface.count;
    const row = path.at(participants.market.currency, 0);
    const forward = Math.exp(surface.logForward(path.values, row, expiry, now));
    const options = members[expiry]!;
    for (let index = 0; index < options.length; index++) {
      const place = options[index]!;
      exchange.setOptionMark(instrument[place]!, forward, vol[place]!);
    }
    const future = futures[expiry]!;
    if (future >= 0) exchange.setFutureMark(future, forward);
    return now + FORWARDS_MS / surface.count;
  }

  /** Makers hear of trades in options, and look at their quotes there. */
  #hearTrades(): void {
    const { trades, instruments } = this.exchange;
    for (; this.#lastTrade < trades.last; this.#lastTrade++) {
      const slot = trades.slotOf(this.#lastTrade + 1);
      if (slot < 0) continue;
      const instrument = trades.instrument[slot]!;
      for (let currency = 0; currency < this.#participants.length; currency++) {
        const { market, makers } = this.#participants[currency]!;
        const place = market.chain.placeOf(instrument);
        if (place < 0) continue;
        const side = 1 - trades.takerSide[slot]!;
        const account = trades.makerAccount[slot]!;
        const amount = trades.lots[slot]! * instruments.lotSize[instrument]!;
        for (let maker = 0; maker < makers.length; maker++) makers[maker]!.hear(place, side, account, amount);
      }
    }
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

  #followFuture(participants: Participants, now: number): number {
    const { market, futures } = participants;
    const { surface } = market.chain;
    const { latencyMs, futureLookMs } = this.parameters.futures;
    for (let tried = 0; tried < surface.count; tried++) {
      const expiry = participants.nextFuture++ % surface.count;
      const maker = futures[expiry];
      if (maker === undefined) continue;
      const row = rowAt(market, now, latencyMs);
      maker.follow(Math.exp(surface.logForward(this.path.values, row, expiry, now)));
      break;
    }
    return now + futureLookMs;
  }

  #takeFuture({ market, random }: Participants, now: number): number {
    const { chain } = market;
    const future = chain.futures[random.below(chain.surface.count)]!;
    const { futureTakerRate, takerAmount, takerAmountDeviation } = this.parameters.futures;
    const side = random.below(2);
    const usd = random.logNormal(takerAmount, takerAmountDeviation);
    if (future >= 0) {
      const { instruments, books } = this.exchange;
      const level = books.best(future, 1 - side);
      const lots = Math.max(1, Math.round(usd / instruments.lotSize[future]!));
      const ticks = level < 0 ? 0 : books.levelTicks[level]!;
      if (ticks > 0) this.exchange.place(this.#futuresTaker, future, side, 0, ticks, lots, 2, 0, 0);
    }
    return now + (1000 * random.exponential()) / futureTakerRate;
  }

  /** Brings the listing up to date, a strike at a time; returns when to go on. */
  #list(now: number): number {
    for (const { market, makers } of this.#participants) {
      if (!market.chain.isListing) continue;
      for (const place of market.chain.listNext(this.path, now)) for (const maker of makers) maker.welcome(place);
      return now + LISTING_PACE_MS;
    }
    if (now < this.#nextRoll) return this.#nextRoll;
    this.#roll(this.#participants[this.#rolling++]!, now);
    if (this.#rolling === this.#participants.length) {
      this.#rolling = 0;
      this.#nextRoll = nextListing(now);
    }
    return now + LISTING_PACE_MS;
  }

  /** After each full hour, and so after each expiry. */
  #roll(participants: Participants, now: number): void {
    const { chain } = participants.market;
    const { futureLadder } = this.parameters.futures;
    const known = new Map(Array.from(chain.futures, (future, expiry) => [future, participants.futures[expiry]]));
    if (!chain.roll(this.path, now)) return;
    for (const maker of participants.makers) maker.relist(now);
    const amounts = futureLadder.map((_, level) => FUTURE_AMOUNT * (1 + 4 * level));
    const { exchange } = this;
    const { random } = participants;
    participants.futures = Array.from(chain.futures, (future) =>
      future < 0
        ? undefined
        : (known.get(future) ?? new LadderMaker(exchange, this.#futuresMaker, future, futureLadder, amounts, random)),
    );
  }
}

/** When the listing is looked at next. */
function nextListing(now: number): number {
  return (Math.floor((now - LISTING_DELAY_MS) / HOUR_MS) + 1) * HOUR_MS + LISTING_DELAY_MS;
}

/** Part of the value that longs pay in eight hours at a premium: what of it lies beyond the dead band. */
function fundingRate(premium: number): number {
  const beyond = Math.max(FUNDING_DEADBAND, premium) + Math.min(-FUNDING_DEADBAND, premium);
  return Math.max(-FUNDING_MOST, Math.min(FUNDING_MOST, beyond));
}
