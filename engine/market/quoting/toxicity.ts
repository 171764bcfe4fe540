import type { Cells } from '../orders/cells.js';

const BUYS = 0;
const SELLS = 1;
/** Unsigned imbalance of the buckets that are full, 0 to 1, and the signed one, -1 to 1: exponential averages. */
const VPIN = 2;
const IMBALANCE = 3;
/** Order-flow imbalance of the newest trades: signed volume over volume, both fading. */
const FLOW = 4;
const VOLUME = 5;
const TIME = 6;
const FIELDS = 7;

/** Buckets that the averages remember. */
const MEMORY = 20;
const FADE_MICROS = 20e6;

export interface ToxicitySettings {
  /** USD that a bucket of volume holds. */
  bucketUsd: number;
}

/**
 * How one-sided the flow on each underlying is. VPIN: volume is cut into buckets of equal size, and the mean of each bucket's
 * imbalance tells how much of it may be informed (Easley, Lopez de Prado and O'Hara 2012; signs are the venue's, not guessed).
 */
export class Toxicity {
  readonly cells: Float64Array;
  /** [USD, event time] of a trade on its way into `trade`. */
  readonly input = new Float64Array(2);
  private readonly bucketUsd: number;

  constructor(cells: Cells, underlyings: number, { bucketUsd }: ToxicitySettings) {
    this.cells = cells.float64(underlyings * FIELDS, 'toxicity: cells', {
      BUYS,
      SELLS,
      VPIN,
      IMBALANCE,
      FLOW,
      VOLUME,
      TIME,
    });
    this.bucketUsd = bucketUsd;
  }

  /** Takes the trade that stands in `input`. @returns whether a bucket became full */
  trade(underlying: number, isBuy: boolean): boolean {
    const { cells, input, bucketUsd } = this;
    const at = underlying * FIELDS;
    const usd = input[0]!;
    const gone = input[1]! - cells[at + TIME]!;
    const kept = gone > 0 ? Math.exp(-gone / FADE_MICROS) : 1;
    cells[at + FLOW] = cells[at + FLOW]! * kept + (isBuy ? usd : -usd);
    cells[at + VOLUME] = cells[at + VOLUME]! * kept + usd;
    cells[at + TIME] = input[1]!;
    cells[at + (isBuy ? BUYS : SELLS)]! += usd;
    const volume = cells[at + BUYS]! + cells[at + SELLS]!;
    if (volume < bucketUsd) return false;
    const imbalance = (cells[at + BUYS]! - cells[at + SELLS]!) / volume;
    cells[at + VPIN]! += (Math.abs(imbalance) - cells[at + VPIN]!) / MEMORY;
    cells[at + IMBALANCE]! += (imbalance - cells[at + IMBALANCE]!) / MEMORY;
    cells[at + BUYS] = 0;
    cells[at + SELLS] = 0;
    return true;
  }

  /** VPIN, 0 to 1. */
  vpin(underlying: number): number {
    return this.cells[underlying * FIELDS + VPIN]!;
  }

  /** Signed imbalance of the newest flow, -1 (sellers) to 1 (buyers). */
  imbalance(underlying: number): number {
    const at = underlying * FIELDS;
    const volume = this.cells[at + VOLUME]!;
    return volume > 0 ? this.cells[at + FLOW]! / volume : 0;
  }
}
