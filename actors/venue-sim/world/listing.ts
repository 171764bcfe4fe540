import { LadderMaker } from './ladder-maker.js';
import type { MarketPath } from './market-path.js';
import type { WorldParameters } from './parameters.js';
import type { Participants } from './participants.js';

/** How long after the full hour the listing is looked at: expired instruments have been delivered then. */
const DELAY_MS = 5;
const PACE_MS = 1;
const HOUR_MS = 3_600_000;

/** USD of the first level of a future's ladder. */
const FUTURE_AMOUNT = 5000;

/** What is listed: rolled after each full hour, a strike at a time, and taken up by those who make its market. */
export class Listing {
  readonly #parameters: WorldParameters;
  readonly #path: MarketPath;
  readonly #participants: readonly Participants[];
  readonly #futuresMaker: number;
  /** When the listing is looked at next. */
  #nextRoll: number;
  /** Currency whose listing is looked at next. */
  #rolling = 0;

  /** @param futuresMaker account of whoever makes the market of futures */
  constructor(
    parameters: WorldParameters,
    path: MarketPath,
    participants: readonly Participants[],
    futuresMaker: number,
  ) {
    this.#parameters = parameters;
    this.#path = path;
    this.#participants = participants;
    this.#futuresMaker = futuresMaker;
    this.#nextRoll = parameters.startTime;
  }

  /** When the listing is looked at next; milliseconds since the Unix epoch. */
  get nextRoll(): number {
    return this.#nextRoll;
  }

  /** Lists all that there is to list at a moment, at once: as the world begins. */
  open(now: number): void {
    while (this.bringUpToDate(now) === now + PACE_MS);
  }

  /** Brings the listing up to date, a strike at a time; returns when to go on. */
  bringUpToDate(now: number): number {
    for (const { market, makers } of this.#participants) {
      if (!market.chain.isListing) continue;
      for (const place of market.chain.listNext(this.#path, now)) for (const maker of makers) maker.welcome(place);
      return now + PACE_MS;
    }
    if (now < this.#nextRoll) return this.#nextRoll;
    this.#roll(this.#participants[this.#rolling++]!, now);
    if (this.#rolling === this.#participants.length) {
      this.#rolling = 0;
      this.#nextRoll = nextListing(now);
    }
    return now + PACE_MS;
  }

  /** After each full hour, and so after each expiry. */
  #roll(participants: Participants, now: number): void {
    const { chain, exchange } = participants.market;
    const { futureLadder } = this.#parameters.futures;
    const known = new Map(Array.from(chain.futures, (future, expiry) => [future, participants.futures[expiry]]));
    if (!chain.roll(this.#path, now)) return;
    for (const maker of participants.makers) maker.relist(now);
    const amounts = futureLadder.map((_, level) => FUTURE_AMOUNT * (1 + 4 * level));
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
  return (Math.floor((now - DELAY_MS) / HOUR_MS) + 1) * HOUR_MS + DELAY_MS;
}
