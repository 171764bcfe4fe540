import { Side } from './codes.js';

/** Quote groups of an account, counted from 1; group 0 are the orders outside groups, one set of limits an index. */
export const MOST_GROUPS = 16;

/** Limits of market maker protection. A limit of 0 is none. */
export interface ProtectionLimits {
  /** Milliseconds in which fills add up; 0 removes the protection. */
  interval: number;
  /** Milliseconds for which it refuses after it fired; 0 until it is reset by hand. */
  frozenTime: number;
  /** Base currency, bought and sold added up. */
  quantityLimit: number;
  /** Base currency, net. */
  deltaLimit: number;
  /** Counter currency per point of volatility, net. */
  vegaLimit: number;
  /** Base currency: most that open orders may add up to on one side of one instrument. */
  maxQuoteQuantity: number;
}

const INTERVAL = 0;
const FROZEN_TIME = 1;
const QUANTITY_LIMIT = 2;
const DELTA_LIMIT = 3;
const VEGA_LIMIT = 4;
const MAX_QUOTE = 5;
const INDEX = 6;
const STARTED = 7;
const QUANTITY = 8;
const DELTA = 9;
const VEGA = 10;
const FROZEN_UNTIL = 11;
const FIELDS = 12;

/**
 * Market maker protection: the fills of a group's orders add up over an interval that begins with its first trade, and a group
 * that reaches a limit is pulled and frozen. The sums are looked at by fill, and acted upon when the order that took is done.
 */
export class Protection {
  readonly #cells: Float64Array;
  readonly #indices: number;
  /** Cells that reached a limit in this step. */
  readonly #fired: Int32Array;
  #firedCount = 0;

  constructor(accounts: number, indices: number) {
    this.#indices = indices;
    const cells = accounts * (MOST_GROUPS + indices);
    this.#cells = new Float64Array(cells * FIELDS);
    this.#fired = new Int32Array(cells);
  }

  /** The cell of a group, or of the orders outside groups on an index. */
  cellOf(account: number, index: number, group: number): number {
    return account * (MOST_GROUPS + this.#indices) + (group > 0 ? group - 1 : MOST_GROUPS + index);
  }

  accountOf(cell: number): number {
    return Math.floor(cell / (MOST_GROUPS + this.#indices));
  }

  groupOf(cell: number): number {
    const place = cell % (MOST_GROUPS + this.#indices);
    return place < MOST_GROUPS ? place + 1 : 0;
  }

  /** Index that a configured cell belongs to. */
  indexOf(cell: number): number {
    return this.#cells[cell * FIELDS + INDEX]!;
  }

  /** Sets or removes limits, and begins anew. */
  configure(cell: number, index: number, limits: ProtectionLimits): void {
    const at = cell * FIELDS;
    const cells = this.#cells;
    cells.fill(0, at, at + FIELDS);
    cells[at + INTERVAL] = limits.interval;
    cells[at + FROZEN_TIME] = limits.frozenTime;
    cells[at + QUANTITY_LIMIT] = limits.quantityLimit;
    cells[at + DELTA_LIMIT] = limits.deltaLimit;
    cells[at + VEGA_LIMIT] = limits.vegaLimit;
    cells[at + MAX_QUOTE] = limits.maxQuoteQuantity;
    cells[at + INDEX] = index;
  }

  isConfigured(cell: number): boolean {
    return this.#cells[cell * FIELDS + INTERVAL]! > 0;
  }

  limits(cell: number): ProtectionLimits {
    const at = cell * FIELDS;
    return {
      interval: this.#cells[at + INTERVAL]!,
      frozenTime: this.#cells[at + FROZEN_TIME]!,
      quantityLimit: this.#cells[at + QUANTITY_LIMIT]!,
      deltaLimit: this.#cells[at + DELTA_LIMIT]!,
      vegaLimit: this.#cells[at + VEGA_LIMIT]!,
      maxQuoteQuantity: this.#cells[at + MAX_QUOTE]!,
    };
  }

  maxQuoteQuantity(cell: number): number {
    return this.#cells[cell * FIELDS + MAX_QUOTE]!;
  }

  /** Until when a group is frozen: Infinity until a reset by hand, 0 when it never was or was reset. */
  frozenUntil(cell: number): number {
    return this.#cells[cell * FIELDS + FROZEN_UNTIL]!;
  }

  isFrozen(cell: number, now: number): boolean {
    return now < this.#cells[cell * FIELDS + FROZEN_UNTIL]!;
  }

  reset(cell: number): void {
    this.#cells.fill(0, cell * FIELDS + STARTED, cell * FIELDS + FIELDS);
  }

  /** Adds a fill: quantity in the base currency, delta per unit of it, and vega per unit of it. */
  add(cell: number, side: number, quantity: number, delta: number, vega: number, now: number): void {
    const cells = this.#cells;
    const at = cell * FIELDS;
    const interval = cells[at + INTERVAL]!;
    if (interval === 0 || now < cells[at + FROZEN_UNTIL]!) return;
    // Not restarted by later trades: a new interval begins with the first trade after the last one's end.
    if (cells[at + STARTED] === 0 || now >= cells[at + STARTED]! + interval) {
      cells[at + STARTED] = now;
      cells[at + QUANTITY] = 0;
      cells[at + DELTA] = 0;
      cells[at + VEGA] = 0;
    }
    const signed = side === Side.BUY ? quantity : -quantity;
    cells[at + QUANTITY]! += quantity;
    cells[at + DELTA]! += signed * delta;
    cells[at + VEGA]! += signed * vega;
    const reached =
      isReached(cells[at + QUANTITY]!, cells[at + QUANTITY_LIMIT]!) ||
      isReached(cells[at + DELTA]!, cells[at + DELTA_LIMIT]!) ||
      isReached(cells[at + VEGA]!, cells[at + VEGA_LIMIT]!);
    if (!reached) return;
    const frozenTime = cells[at + FROZEN_TIME]!;
    cells[at + FROZEN_UNTIL] = frozenTime === 0 ? Number.POSITIVE_INFINITY : now + frozenTime;
    cells[at + STARTED] = 0;
    this.#fired[this.#firedCount++] = cell;
  }

  /** The next cell that fired and was not dealt with; -1 for none. */
  takeFired(): number {
    return this.#firedCount === 0 ? -1 : this.#fired[--this.#firedCount]!;
  }
}

/** Amounts that add up to a limit reach it, whatever their doubles' last digits. */
function isReached(sum: number, limit: number): boolean {
  return limit > 0 && Math.abs(sum) >= limit * (1 - 1e-9);
}
