import { chaosOf } from '../../../actors/testing/chaos/chaos-trial.js';
import { noChaos } from '../../../actors/venue-sim/chaos/config.js';
import { TradingStateCode } from '../../../engine/market/orders/codes.js';
import type { BenchResult } from '../../report.js';
import { slope } from '../../slope.js';
import { memoryOfTree } from '../processes/process-memory.js';
import { TradingPair } from '../processes/trading-pair.js';
import { pause } from '../processes/venue-rig.js';
import type { Proof } from '../proof.js';

/** Orders at work by which the chain counts as quoted. */
const QUOTED = 100;
const LOOK_MS = 1000;
/** Somebody takes an order of the engine's at one of so many looks. */
const LOOKS_PER_TAKE = 10;
const CHAOS_SECONDS = 5;
/** From the begin of one outage to the next; a short run has one at its end. */
const MOST_BETWEEN_SECONDS = 300;
/** After an outage the chain has to be quoted again within this, and to stay so for as long as a connection that it left silent can go unnoticed. */
const BACK_WITHIN_SECONDS = 60;
const STEADY_SECONDS = 25;
const LEAST_UPTIME = 0.999;
/** What a process makes once, compiled code and touched pages of its rings, is no growth by the hour. */
const SETTLE_SECONDS = 120;
const MEMORY_SECONDS = 5;
/** Growth of a process that counts as flat, MB an hour, and the standard errors by which it has to be beyond that. */
const MOST_GROWTH = 10;
const DOUBT = 5;
const HOUR_MS = 3_600_000;

/** An engine that stays up on a venue that misbehaves now and then: what only shows after hours. */
export const proof: Proof = {
  name: 'soak',
  claim:
    'an engine on a venue that misbehaves now and then quotes 99.9 % of the time in between, says no error then, is never killed by its guards, and its memory stays flat',
  unit: 'seconds',
  amounts: { ci: 40, full: 8 * 3600 },
  async run(seconds, progress) {
    const pair = new TradingPair(3);
    try {
      await pair.start();
      const soak = new Soak(pair);
      await soak.run(seconds, progress);
      await pair.settle(BACK_WITHIN_SECONDS * 1000);
      await pair.finish();
      return soak.judge();
    } finally {
      await pair.close();
    }
  },
};

class Soak {
  readonly #pair: TradingPair;
  readonly #began = performance.now();
  /** Looks between outages, and what those of them saw that saw no quoted chain. */
  #looks = 0;
  readonly #unquoted: string[] = [];
  readonly #backAfter: number[] = [];
  readonly #unexplained: string[] = [];
  /** By process: when it was looked at, hours, and what it held then. */
  readonly #memory = new Map<string, { hours: number[]; megabytes: number[] }>();

  constructor(pair: TradingPair) {
    this.#pair = pair;
  }

  async run(seconds: number, progress: (done: number) => void): Promise<void> {
    const between = Math.min(MOST_BETWEEN_SECONDS, seconds);
    for (let second = 0, outages = 0; second < seconds; second = this.#seconds()) {
      if (second > (outages + 1) * between - CHAOS_SECONDS) await this.#outage(++outages);
      else await this.#look();
      progress(Math.min(seconds, Math.floor(second)));
    }
  }

  #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Undefined while the chain is quoted, else what is seen instead. */
  async #unquotedNow(): Promise<string | undefined> {
    const { engine, venue } = this.#pair;
    const killed = await engine.killed();
    if (killed !== undefined) throw new Error(`a guard has killed it after ${this.#seconds().toFixed(0)} s: ${killed}`);
    const [trading, open] = await Promise.all([engine.trading(), venue.openOrders()]);
    if (trading?.state === TradingStateCode.READY && open.length >= QUOTED) return undefined;
    return `after ${this.#seconds().toFixed(1)} s: state ${trading?.state}, reasons ${trading?.reasons}, ${open.length} orders open`;
  }

  async #look(): Promise<void> {
    const { engine, venue, dice } = this.#pair;
    const unquoted = await this.#unquotedNow();
    this.#looks++;
    if (unquoted !== undefined) this.#unquoted.push(unquoted);
    this.#unexplained.push(...engine.errors.splice(0));
    if (this.#looks % LOOKS_PER_TAKE === 0) {
      const open = await venue.openOrders();
      if (open.length > 0) await venue.take(open[dice.index(open.length)]!, dice.throw());
      this.#pair.taken++;
    }
    if (this.#looks % MEMORY_SECONDS === 0 && this.#seconds() > SETTLE_SECONDS) this.#weigh();
    await pause(LOOK_MS);
  }

  /** The venue misbehaves for a while; what the engine says of that until it quotes steadily again is explained. */
  async #outage(seed: number): Promise<void> {
    const { engine, venue } = this.#pair;
    await venue.setChaos(chaosOf(seed));
    await this.#pair.trade(CHAOS_SECONDS * 1000);
    await venue.setChaos(noChaos);
    const peace = this.#seconds();
    let quotedSince: number | undefined;
    while (quotedSince === undefined || this.#seconds() - quotedSince < STEADY_SECONDS) {
      const unquoted = await this.#unquotedNow();
      if (unquoted === undefined) quotedSince ??= this.#seconds();
      else if (this.#seconds() - peace < BACK_WITHIN_SECONDS) quotedSince = undefined;
      else
        throw new Error(`not quoted ${BACK_WITHIN_SECONDS} s after outage ${seed}, ${unquoted}\n${engine.lastWords}`);
      await pause(LOOK_MS);
    }
    this.#backAfter.push(quotedSince - peace);
    engine.errors.length = 0;
  }

  #weigh(): void {
    const hour = (performance.now() - this.#began) / HOUR_MS;
    for (const [name, megabytes] of memoryOfTree(this.#pair.engine.pid)) {
      const seen = this.#memory.get(name) ?? { hours: [], megabytes: [] };
      this.#memory.set(name, seen);
      seen.hours.push(hour);
      seen.megabytes.push(megabytes);
    }
  }

  judge(): BenchResult[] {
    const quoted = this.#looks - this.#unquoted.length;
    const uptime = quoted / this.#looks;
    const seen = `${quoted} of ${this.#looks} looks`;
    // Rounded up: a jump of the market takes the quotes away for a moment, and a short run cannot make up for one.
    if (this.#unquoted.length > Math.ceil((1 - LEAST_UPTIME) * this.#looks))
      throw new Error(`quoted ${(100 * uptime).toFixed(2)} % of the time: ${seen}\n${this.#unquoted.join('\n')}`);
    if (this.#unexplained.length > 0)
      throw new Error(`${this.#unexplained.length} errors in peace:\n${this.#unexplained.slice(0, 20).join('\n')}`);
    const back = this.#backAfter.sort((left, right) => left - right);
    return [
      { name: 'quoted between outages', unit: 'of the time', value: uptime, note: seen },
      {
        name: 'quoted again after an outage',
        unit: 's',
        p50: back[back.length >> 1]!,
        max: back.at(-1)!,
        note: `${back.length} outages of ${CHAOS_SECONDS} s`,
      },
      ...[...this.#memory].map(([name, { hours, megabytes }]) => growth(name, hours, megabytes)),
    ];
  }
}

/** @throws Error when the memory of a process is not flat */
function growth(name: string, hours: readonly number[], megabytes: readonly number[]): BenchResult {
  const { slope: value, error } = slope(hours, megabytes);
  const note = `standard error ${error.toFixed(1)}, from ${megabytes[0]!.toFixed(0)} to ${megabytes.at(-1)!.toFixed(0)} MB`;
  if (value - DOUBT * error > MOST_GROWTH)
    throw new Error(`the memory of '${name}' grows by ${value.toFixed(1)} MB/h (${note})`);
  return { name: `growth of ${name}`, unit: 'MB/h', value, note };
}
