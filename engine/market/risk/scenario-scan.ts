import { black76Price } from '../../quant/black76/index.js';
import type { Cells } from '../orders/cells.js';
import { Contract } from '../portfolio/contract.js';

/** Moves of the underlying and of volatility, fractions: the grid of a venue's portfolio margin, and wider. */
export const SPOT_MOVES = [-0.3, -0.16, -0.12, -0.08, -0.04, 0, 0.04, 0.08, 0.12, 0.16, 0.3] as const;
export const VOL_MOVES = [-0.25, 0, 0.5] as const;
const NODES = SPOT_MOVES.length * VOL_MOVES.length;

/** One position that is revalued, in this order in its row. */
export const HELD = {
  SIZE: 0,
  CONTRACT: 1,
  FORWARD: 2,
  STRIKE: 3,
  YEARS: 4,
  VOLATILITY: 5,
  RIGHT: 6,
  INDEX: 7,
  UNDERLYING: 8,
} as const;
export const HELD_FIELDS = 9;

/** Results of one underlying, in this order in its row: worst loss in USD, positive, and the moves that it belongs to. */
export const WORST_LOSS = 0;
export const WORST_SPOT = 1;
export const WORST_VOL = 2;
export const WORST_FIELDS = 3;

/** A move of a day that 99 days of a hundred stay within, in standard deviations; days of a year. */
const DEVIATIONS_99 = 2.326;
const DAYS = 365;
/** Volatility of what is held without options: a coin's, rather too large. */
const VOLATILITY_OF_COIN = 1;
/** Row of the grid in which volatility stays as it is. */
const VOL_UNMOVED = VOL_MOVES.indexOf(0);
/** Sums that give the volatility of what is held, by underlying. */
const SUM_AMOUNT = 0;
const SUM_VOLATILITY = 1;
const SUMS = 2;

/**
 * What each underlying would lose in the worst move of a grid, everything revalued in full. One node of the grid at a time, so that no
 * event of the log has to wait for all of it; the results are of the last whole turn.
 */
export class ScenarioScan {
  /** Rows of WORST_FIELDS numbers, by underlying. */
  readonly worst: Float64Array;
  /** Profits of the node under way, by underlying, and the worst of the turn under way. */
  private readonly profits: Float64Array;
  private readonly turn: Float64Array;
  private readonly node: Int32Array;
  /** What each underlying would lose within the move of a day that 99 of a hundred stay within, USD, positive: of the last whole turn. */
  readonly valueAtRisk: Float64Array;
  /** Profits of the turn under way where volatility stays as it is, rows of SPOT_MOVES by underlying. */
  private readonly byMove: Float64Array;
  private readonly sums: Float64Array;

  constructor(cells: Cells, underlyings: number) {
    this.worst = cells.float64(underlyings * WORST_FIELDS, 'worst', { WORST_LOSS, WORST_SPOT, WORST_VOL });
    this.profits = cells.float64(underlyings, 'profits');
    this.turn = cells.float64(underlyings * WORST_FIELDS, 'turn', { WORST_LOSS, WORST_SPOT, WORST_VOL });
    this.node = cells.int32(1, 'node');
    this.valueAtRisk = cells.float64(underlyings, 'value at risk');
    this.byMove = cells.float64(underlyings * SPOT_MOVES.length, 'by move', SPOT_MOVES);
    this.sums = cells.float64(underlyings * SUMS, 'scenario scan: sums', { SUM_AMOUNT, SUM_VOLATILITY });
  }

  /** Revalues what is held in the next node; true when that ended a turn, and `worst` is new. */
  step(held: Float64Array, count: number): boolean {
    const { profits, turn, worst, node } = this;
    const spot = SPOT_MOVES[node[0]! % SPOT_MOVES.length]!;
    const vol = VOL_MOVES[Math.floor(node[0]! / SPOT_MOVES.length)]!;
    profits.fill(0);
    for (let index = 0; index < count; index++) {
      const profit = profitOf(held, index * HELD_FIELDS, spot, vol);
      if (!Number.isNaN(profit)) profits[held[index * HELD_FIELDS + HELD.UNDERLYING]!]! += profit;
    }
    this.keepForDay(held, count);
    for (let underlying = 0; underlying < profits.length; underlying++) {
      const row = underlying * WORST_FIELDS;
      if (-profits[underlying]! <= turn[row + WORST_LOSS]!) continue;
      turn[row + WORST_LOSS] = -profits[underlying]!;
      turn[row + WORST_SPOT] = spot;
      turn[row + WORST_VOL] = vol;
    }
    node[0] = (node[0]! + 1) % NODES;
    if (node[0] !== 0) return false;
    worst.set(turn);
    turn.fill(0);
    for (let underlying = 0; underlying < profits.length; underlying++) this.weighDay(underlying);
    this.sums.fill(0);
    return true;
  }

  /** Keeps what the move of a day is taken from: profits along the row in which volatility stays, and the volatility of what is held. */
  private keepForDay(held: Float64Array, count: number): void {
    const { profits, byMove, sums, node } = this;
    const spot = node[0]! % SPOT_MOVES.length;
    if (node[0] !== VOL_UNMOVED * SPOT_MOVES.length + spot) return;
    for (let underlying = 0; underlying < profits.length; underlying++) {
      byMove[underlying * SPOT_MOVES.length + spot] = profits[underlying]!;
    }
    if (spot !== 0) return;
    for (let index = 0; index < count; index++) {
      const row = index * HELD_FIELDS;
      const amount = Math.abs(held[row + HELD.SIZE]!);
      const volatility = held[row + HELD.VOLATILITY]!;
      if (held[row + HELD.RIGHT] === 0 || !(volatility > 0)) continue;
      const sum = held[row + HELD.UNDERLYING]! * SUMS;
      sums[sum + SUM_AMOUNT]! += amount;
      sums[sum + SUM_VOLATILITY]! += amount * volatility;
    }
  }

  /** The worst of the grid's moves that lie within that of a day, and of that move itself up and down, between two of the grid. */
  private weighDay(underlying: number): void {
    const { byMove, sums } = this;
    const amount = sums[underlying * SUMS + SUM_AMOUNT]!;
    const volatility = amount > 0 ? sums[underlying * SUMS + SUM_VOLATILITY]! / amount : VOLATILITY_OF_COIN;
    const move = (DEVIATIONS_99 * volatility) / Math.sqrt(DAYS);
    const row = underlying * SPOT_MOVES.length;
    let least = Math.min(between(byMove, row, -move), between(byMove, row, move));
    for (let spot = 0; spot < SPOT_MOVES.length; spot++) {
      if (Math.abs(SPOT_MOVES[spot]!) <= move && byMove[row + spot]! < least) least = byMove[row + spot]!;
    }
    this.valueAtRisk[underlying] = least < 0 ? -least : 0;
  }
}

/** Profit at a move, on the line between the two moves of the grid around it; at the grid's end beyond it. */
function between(profits: Float64Array, row: number, move: number): number {
  const last = SPOT_MOVES.length - 1;
  if (move <= SPOT_MOVES[0]) return profits[row]!;
  for (let spot = 1; spot <= last; spot++) {
    const above = SPOT_MOVES[spot]!;
    if (move > above) continue;
    const below = SPOT_MOVES[spot - 1]!;
    const share = (move - below) / (above - below);
    return profits[row + spot - 1]! * (1 - share) + profits[row + spot]! * share;
  }
  return profits[row + last]!;
}

/** Profit of one position in USD, coin counted at the index before the move. */
function profitOf(held: Float64Array, row: number, spot: number, vol: number): number {
  const size = held[row + HELD.SIZE]!;
  const forward = held[row + HELD.FORWARD]!;
  const moved = forward * (1 + spot);
  const index = held[row + HELD.INDEX]!;
  switch (held[row + HELD.CONTRACT]) {
    case Contract.FUTURE_INVERSE:
      return size * (1 / forward - 1 / moved) * index;
    case Contract.FUTURE_LINEAR:
      return size * (moved - forward);
    default: {
      const strike = held[row + HELD.STRIKE]!;
      const years = held[row + HELD.YEARS]!;
      const sigma = held[row + HELD.VOLATILITY]!;
      const isCall = held[row + HELD.RIGHT]! > 0;
      const before = black76Price(forward, strike, years, sigma, isCall);
      const after = black76Price(moved, strike, years, sigma * (1 + vol), isCall);
      if (held[row + HELD.CONTRACT] === Contract.OPTION_INVERSE)
        return size * (after / moved - before / forward) * index;
      return size * (after - before);
    }
  }
}
