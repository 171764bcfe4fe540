import { LifeCycle } from '../../../../engine/market/instrument.js';
import { formatInstrumentName } from '../../../../engine/market/instrument-name.js';
import { Seeded } from '../../../../engine/testing/seeded.js';
import { KEEP, MarginModel, OrderType, SelfMatch } from '../codes.js';
import { defaultConfig, type ExchangeConfig } from '../config.js';
import { instrumentOf, spreadOf } from '../contracts.js';
import { Exchange } from '../exchange.js';
import { QuoteBatch } from '../quotes.js';
import { type ExchangeSink, silentSink } from '../sink.js';
import { everyOrder } from '../withdrawals.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const INDEX_COUNT = 4;

/** A small venue for random actions: speed bumps and pauses are on, and room is scarce enough to run out. */
export const crampedConfig: ExchangeConfig = {
  ...defaultConfig,
  speedBump: { option: 5, future: 0, perpetual: 20, combo: 5 },
  settlementPause: 1000,
  riskInterval: 60_000,
  portfolioInterval: 120_000,
  maxAccounts: 16,
  maxInstruments: 2048,
  maxOrders: 1024,
  maxPositions: 1024,
  maxTrades: 1024,
  maxOpenOrders: 200,
  iceberg: { leastLots: 2, mostRatio: 20 },
};

/** A venue and everybody in it, driven by a seeded generator through the public interface, wrong requests included. */
export class RandomActions {
  readonly exchange: Exchange;
  readonly random: Seeded;
  readonly #batch = new QuoteBatch();
  /** Accounts from the first that is not the house's. */
  readonly #accounts: number[] = [];
  readonly #prices = [90_000, 3_000, 90_000, 3_000];
  /** Instruments that trade. */
  #live: number[] = [];
  /** Answers that were order ids, for requests that name one. */
  readonly #known = new Float64Array(256);
  #knownCount = 0;
  readonly #hides: boolean;
  accepted = 0;
  refused = 0;

  /** @param hides whether some orders are icebergs */
  constructor(seed: number, config: ExchangeConfig = crampedConfig, sink: ExchangeSink = silentSink, hides = false) {
    this.#hides = hides;
    this.random = new Seeded(seed);
    this.exchange = new Exchange(config, sink);
    const margins = [MarginModel.NONE, MarginModel.STANDARD, MarginModel.PORTFOLIO];
    const policies = [SelfMatch.ALLOW, SelfMatch.REJECT_TAKER, SelfMatch.CANCEL_MAKER];
    for (let index = 0; index < 9; index++) {
      const account = this.exchange.openAccount({
        name: `account ${index}`,
        margin: margins[index % 3]!,
        selfMatch: policies[Math.floor(index / 3)]!,
      });
      this.#accounts.push(account);
      this.exchange.deposit(account, 0, 5);
      this.exchange.deposit(account, 1, 100);
      this.exchange.deposit(account, 2, 300_000);
    }
    for (const name of ['BTC-PERPETUAL', 'ETH-PERPETUAL', 'BTC_USDC-PERPETUAL']) this.exchange.list(instrumentOf(name));
    this.#listDay();
  }

  /** One action of anybody. */
  step(): void {
    const { random } = this;
    const choice = random.below(100);
    if (choice < 45) this.#place();
    else if (choice < 60) this.#edit();
    else if (choice < 70) this.#cancel();
    else if (choice < 82) this.#massQuote();
    else if (choice < 84) this.#cancelMany();
    else if (choice < 90) this.#advance();
    else if (choice < 95) this.#moveMarket();
    else if (choice < 97) this.#protect();
    else if (choice < 98) this.#deposit();
    else this.#halt();
  }

  /** The next expiries around the money, with a spread of each. */
  #listDay(): void {
    const { exchange } = this;
    const { instruments } = exchange;
    const today = Math.floor((exchange.now - 8 * HOUR) / DAY) * DAY + 8 * HOUR;
    for (const days of [1, 2]) {
      const expiry = (today + days * DAY) * 1000;
      for (const [base, quote, index, step] of [
        ['BTC', undefined, 0, 1000],
        ['ETH', undefined, 1, 50],
        ['BTC', 'USDC', 2, 1000],
      ] as const) {
        const future = formatInstrumentName({ kind: 'future', base, quote, expiry });
        if (instruments.idOf(future) < 0) exchange.list(instrumentOf(future));
        const middle = Math.round(this.#prices[index]! / step) * step;
        for (const right of ['call', 'put'] as const) {
          const names = [middle, middle + step].map((strike) =>
            formatInstrumentName({ kind: 'option', base, quote, expiry, strike, right }),
          );
          for (const name of names) {
            if (instruments.idOf(name) < 0 && instruments.size < exchange.config.maxInstruments) {
              exchange.list({ ...instrumentOf(name), created: exchange.now * 1000 - (days - 1) * 10 * DAY * 1000 });
            }
          }
          const spread = `${names[0]}-SPREAD`;
          const legs = names.map((name) => instruments.definitions[instruments.idOf(name)]!);
          if (instruments.idOf(spread) < 0) exchange.list(spreadOf(spread, legs[0]!, legs[1]!));
        }
      }
    }
    this.#live = [];
    for (let id = 0; id < instruments.size; id++) if (instruments.state[id] !== LifeCycle.EXPIRED) this.#live.push(id);
    this.#moveMarket();
  }

  #instrument(): number {
    return this.random.chance(0.01)
      ? this.random.below(this.exchange.instruments.size + 2) - 1
      : this.random.pick(this.#live);
  }

  /** A price near the mark, mostly on a tick. */
  #ticks(instrument: number): number {
    const { instruments, now } = this.exchange;
    const { random } = this;
    if (!(instrument >= 0 && instrument < instruments.size)) return 1;
    const chance = random.below(200);
    if (chance === 0) return random.pick([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, KEEP]);
    const middle = Math.round(instruments.mark(instrument, now) / instruments.tickSize[instrument]!);
    const ticks = middle + random.below(13) - 6;
    const multiple = instruments.tickMultiple(instrument, ticks);
    return chance < 10 ? ticks : Math.round(ticks / multiple) * multiple;
  }

  #lots(): number {
    const { random } = this;
    return random.chance(0.01)
      ? random.pick([0, -5, 1.5, Number.NaN, 2 ** 30, 1e9])
      : 1 + random.below(random.chance(0.2) ? 200 : 8);
  }

  #place(): void {
    const { random, exchange } = this;
    const instrument = this.#instrument();
    const type = random.chance(0.85) ? OrderType.LIMIT : 1 + random.below(2);
    const flags = random.chance(0.6) ? 0 : random.below(17);
    const timeInForce = random.chance(0.7) ? 0 : random.below(4);
    const until = random.chance(0.02) ? exchange.now - random.below(2) : Number.POSITIVE_INFINITY;
    const account = random.pick(this.#accounts);
    const side = random.below(2);
    const ticks = this.#ticks(instrument);
    const lots = this.#lots();
    const tag = random.below(4);
    this.#answer(
      exchange.place(account, instrument, side, type, ticks, lots, timeInForce, flags, tag, until, this.#shown(0)),
    );
  }

  /** Lots that an order shows at a time, mostly none that it hides from. */
  #shown(otherwise: number): number {
    const { random } = this;
    if (!this.#hides || !random.chance(0.25)) return otherwise;
    return random.chance(0.05) ? random.pick([0, -3, 1.5, Number.NaN, 2 ** 31]) : 1 + random.below(6);
  }

  #answer(answer: number): void {
    if (answer > 0) {
      this.accepted++;
      this.#known[this.#knownCount++ % this.#known.length] = answer;
    } else this.refused++;
  }

  #order(): number {
    return this.random.chance(0.02) ? this.random.below(1e6) : this.#known[this.random.below(this.#known.length)]!;
  }

  /** Mostly the owner of an order. */
  #owner(order: number): number {
    const { orders } = this.exchange;
    const slot = orders.slotOf(order);
    return slot < 0 || this.random.chance(0.02) ? this.random.pick(this.#accounts) : orders.account[slot]!;
  }

  #edit(): void {
    const { random, exchange } = this;
    const order = this.#order();
    const slot = exchange.orders.slotOf(order);
    const instrument = slot < 0 ? 0 : exchange.orders.instrument[slot]!;
    const ticks = random.chance(0.4) ? KEEP : this.#ticks(instrument);
    const flags = random.chance(0.7) ? KEEP : random.below(17);
    const owner = this.#owner(order);
    const lots = random.chance(0.4) ? KEEP : this.#lots();
    const shown = this.#shown(KEEP);
    this.#answer(exchange.edit(owner, order, ticks, lots, flags, Number.POSITIVE_INFINITY, shown));
  }

  #cancel(): void {
    const order = this.#order();
    this.#answer(this.exchange.cancel(this.#owner(order), order));
  }

  #massQuote(): void {
    const { random, exchange } = this;
    const batch = this.#batch;
    batch.clear();
    for (let count = 1 + random.below(5); count > 0; count--) {
      const instrument = this.#instrument();
      const kept = (): number => (random.chance(0.1) ? KEEP : this.#lots());
      const price = (): number => (random.chance(0.1) ? KEEP : this.#ticks(instrument));
      const [bid, ask] = [price(), price()];
      const [bidLots, askLots] = [random.chance(0.05) ? 0 : kept(), random.chance(0.05) ? 0 : kept()];
      const flags = random.below(4);
      batch.add(instrument, random.below(3), bid, bidLots, flags, ask, askLots, flags);
    }
    exchange.massQuote(random.pick(this.#accounts), random.below(4), batch);
    for (let index = 0; index < batch.count; index++) {
      this.#answer(batch.bidAnswer[index]!);
      this.#answer(batch.askAnswer[index]!);
    }
  }

  #cancelMany(): void {
    const { random, exchange } = this;
    const filter = random.pick([
      everyOrder,
      { ...everyOrder, instrument: this.#instrument() },
      { ...everyOrder, quotes: 1, group: 1 + random.below(3) },
      { ...everyOrder, tag: random.below(4), quotes: 0 },
      { ...everyOrder, minDelta: 0.3, maxDelta: 0.7, quotes: 1 },
      { ...everyOrder, currency: random.below(3), side: random.below(2) },
    ]);
    const account = random.pick(this.#accounts);
    exchange.cancelMany(account, filter);
    if (random.chance(0.2)) exchange.freezeQuotes(account);
  }

  #advance(): void {
    const { random, exchange } = this;
    const before = exchange.now;
    exchange.advance(
      before + (random.chance(0.002) ? random.below(12) * HOUR : random.below(random.chance(0.1) ? 60_000 : 30)),
    );
    const settled = Math.floor((exchange.now - 8 * HOUR) / DAY) > Math.floor((before - 8 * HOUR) / DAY);
    if (settled && exchange.instruments.size + 60 < exchange.config.maxInstruments) this.#listDay();
  }

  #moveMarket(): void {
    const { random, exchange } = this;
    const { instruments } = exchange;
    for (let index = 0; index < INDEX_COUNT; index++) {
      const range = random.chance(0.01) ? 0.2 : 0.002;
      this.#prices[index] = Math.max(1, this.#prices[index]! * (1 + range * (random.next() - 0.5)));
      exchange.setIndex(index, this.#prices[index]!);
    }
    for (const id of this.#live) {
      if (instruments.isCombo[id] === 1) continue;
      const forward = this.#prices[instruments.index[id]!]! * 1.001;
      if (instruments.isFuture[id] === 1) exchange.setFutureMark(id, forward);
      else exchange.setOptionMark(id, forward, 0.3 + 0.4 * random.next());
    }
    exchange.setFundingRate(random.below(3), (random.next() - 0.5) * 0.01);
  }

  #protect(): void {
    const { random, exchange } = this;
    const account = random.pick(this.#accounts);
    const index = random.below(INDEX_COUNT);
    const group = random.below(4);
    if (random.chance(0.3)) exchange.resetProtection(account, index, group);
    else {
      exchange.setProtection(account, index, group, {
        interval: random.chance(0.1) ? 0 : 1000 * random.below(10),
        frozenTime: random.pick([0, 50, 1000]),
        quantityLimit: random.pick([0, 1, 5]),
        deltaLimit: random.pick([0, 0.5, 2]),
        vegaLimit: random.pick([0, 20]),
        maxQuoteQuantity: random.pick([0.5, 5, 50]),
      });
    }
  }

  #deposit(): void {
    const { random, exchange } = this;
    const account = random.pick(this.#accounts);
    const currency = random.below(3);
    exchange.deposit(account, currency, (random.next() - 0.3) * [1, 10, 50_000][currency]!);
  }

  #halt(): void {
    const { random, exchange } = this;
    const instrument = random.pick(this.#live);
    const { state } = exchange.instruments;
    if (state[instrument] === LifeCycle.OPEN && random.chance(0.2)) {
      exchange.setInstrumentState(instrument, LifeCycle.HALTED);
    }
    for (const id of this.#live) {
      if (state[id] === LifeCycle.HALTED && random.chance(0.3)) exchange.setInstrumentState(id, LifeCycle.OPEN);
    }
  }
}
