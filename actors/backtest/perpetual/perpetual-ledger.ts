import type { OrderDigest } from '../order-digest.js';
import { type BacktestOutcome, MOST_FILLS, type OutcomeMarkout } from '../outcome.js';
import type { DepthTape } from './depth-tape.js';
import type { PerpetualSettings } from './perpetual-settings.js';

const MARKOUT_SECONDS = [1, 10, 60] as const;
const FIRST_MIDS = 1 << 12;

/** What an account holds and has earned, and its fills. Money is USD, mids are the exchange's own at the moment. */
export class PerpetualLedger {
  fillCount = 0;
  makerFills = 0;
  readonly #tape: DepthTape;
  readonly #settings: PerpetualSettings;
  readonly #digest: OrderDigest;
  /** Numbers that change with every fill: [see `Cell`]. */
  readonly #cells = new Float64Array(CELLS);
  /** Fills that are remembered: microseconds, ticks, signed lots, fees, and whether they were quotes. */
  readonly #times: number[] = [];
  readonly #ticks: number[] = [];
  readonly #lots: number[] = [];
  readonly #fees: number[] = [];
  readonly #isMaker: boolean[] = [];
  /** Mids by the look of the strategy, for markouts. */
  #mids = new Float64Array(FIRST_MIDS);
  #midCount = 0;

  constructor(tape: DepthTape, settings: PerpetualSettings, digest: OrderDigest) {
    this.#tape = tape;
    this.#settings = settings;
    this.#digest = digest;
  }

  /** Signed lots that are held. */
  get inventory(): number {
    return this.#cells[Cell.INVENTORY]!;
  }

  get fees(): number {
    return this.#cells[Cell.FEES]!;
  }

  get volume(): number {
    return this.#cells[Cell.VOLUME]!;
  }

  /** Money moves at once. @param signed lots, negative for a sale @param now microseconds */
  fill(now: number, ticks: number, signed: number, isMaker: boolean, mid: number): void {
    const { makerFee, takerFee, feeScale } = this.#settings;
    const { tick, lot } = this.#tape;
    const cells = this.#cells;
    const amount = lot.value(Math.abs(signed));
    const direction = signed > 0 ? 1 : -1;
    const price = tick.value(ticks);
    const value = price * amount;
    const fee = value * (isMaker ? makerFee : takerFee) * feeScale;
    cells[Cell.EDGE]! += (mid - price) * amount * direction;
    cells[Cell.INVENTORY]! += signed;
    cells[Cell.CASH]! -= value * direction;
    cells[Cell.FEES]! += fee;
    cells[Cell.VOLUME]! += value;
    this.fillCount++;
    if (isMaker) this.makerFills++;
    this.#digest.add(ticks);
    this.#digest.add(signed);
    this.#digest.add(now);
    if (this.#times.length === MOST_FILLS) return;
    this.#times.push(now);
    this.#ticks.push(ticks);
    this.#lots.push(signed);
    this.#fees.push(fee);
    this.#isMaker.push(isMaker);
  }

  /** Longs pay shorts. */
  fund(mid: number): void {
    const cells = this.#cells;
    cells[Cell.FUNDING]! -= this.#tape.lot.value(cells[Cell.INVENTORY]!) * mid * this.#settings.fundingRate;
  }

  sample(series: BacktestOutcome['series'], now: number, mid: number): void {
    series.time.push(now / 1000);
    series.profitUsd.push(this.#profit(mid));
    series.deltaUsd.push(this.#tape.lot.value(this.inventory) * mid);
    series.gammaUsd.push(0);
    series.vegaUsd.push(0);
    series.thetaUsd.push(0);
  }

  /** The mid at one more look of the strategy. */
  keepMid(mid: number): void {
    if (this.#midCount === this.#mids.length) {
      const grown = new Float64Array(2 * this.#mids.length);
      grown.set(this.#mids);
      this.#mids = grown;
    }
    this.#mids[this.#midCount++] = mid;
  }

  /** Where the profit is from: edge against the mid at fills, the rest of the market's moves, fees, funding. */
  attribution(mid: number): Record<string, number> {
    const cells = this.#cells;
    const total = this.#profit(mid);
    const edge = cells[Cell.EDGE]!;
    const fees = -cells[Cell.FEES]!;
    const funding = cells[Cell.FUNDING]!;
    return { hedge: total - edge - fees - funding, edge, fees, funding, total };
  }

  /** @param first look, and @param lookMicros between two of them */
  markouts(first: number, lookMicros: number): OutcomeMarkout[] {
    const { tick } = this.#tape;
    return MARKOUT_SECONDS.flatMap((seconds) => {
      let fills = 0;
      let price = 0;
      this.#times.forEach((time, place) => {
        const look = Math.floor((time - first) / lookMicros + (seconds * 1e6) / lookMicros) - 1;
        if (look >= this.#midCount) return;
        fills++;
        price += (this.#mids[Math.max(0, look)]! - tick.value(this.#ticks[place]!)) * Math.sign(this.#lots[place]!);
      });
      return fills === 0 ? [] : [{ seconds, fills, price: price / fills, vol: 0 }];
    });
  }

  fills(): BacktestOutcome['fills'] {
    const { tick, lot, instrument } = this.#tape;
    return this.#times.map((at, place) => ({
      time: at / 1000,
      instrument,
      side: this.#lots[place]! > 0 ? 'buy' : 'sell',
      price: tick.value(this.#ticks[place]!),
      amount: lot.value(Math.abs(this.#lots[place]!)),
      fee: this.#fees[place]!,
      maker: this.#isMaker[place]!,
    }));
  }

  #profit(mid: number): number {
    const cells = this.#cells;
    return (
      cells[Cell.CASH]! + this.#tape.lot.value(cells[Cell.INVENTORY]!) * mid - cells[Cell.FEES]! + cells[Cell.FUNDING]!
    );
  }
}

const Cell = { INVENTORY: 0, CASH: 1, FEES: 2, FUNDING: 3, VOLUME: 4, EDGE: 5 } as const;
const CELLS = 6;
