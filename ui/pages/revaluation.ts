import type { ExpiryState } from '../../schemas/generated/expiry-state.js';
import type { Position } from '../../schemas/generated/position.js';
import type { Theo } from '../../schemas/generated/theo.js';
import { Kind, type Markets } from '../store/markets.js';
import type { Table } from '../store/table.js';
import { black } from './black.js';

/** What is held, as a revaluation needs it. */
export interface Held {
  /** Units of the underlying; of futures their delta. */
  size: number;
  /** USD; NaN for futures, which move with the index alone. */
  strike: number;
  isCall: boolean;
  /** USD. */
  forward: number;
  years: number;
  /** A fraction. */
  vol: number;
}

/** Positions of one underlying with their forwards and volatilities; an option without a theoretical value is left out and counted. */
export function heldOf(
  underlying: string,
  markets: Markets,
  positions: Table<Position>,
  theos: Table<Theo>,
  expiries: Table<ExpiryState>,
): { held: Held[]; unknown: number } {
  const held: Held[] = [];
  let unknown = 0;
  for (let slot = 0; slot < positions.count; slot++) {
    const position = positions.at(slot);
    const [size, delta, id] = [position.size(), position.delta(), position.instrument()];
    if (size === 0 || markets.underlyingOf(id) !== underlying) continue;
    const row = markets.row(id);
    if (row === undefined) continue;
    if (row.kind() !== Kind.OPTION) {
      held.push({ size: delta, strike: Number.NaN, isCall: true, forward: Number.NaN, years: 0, vol: 0 });
      continue;
    }
    const [expiry, strike, isCall] = [row.expiry(), row.strike(), (row.flags() & 2) !== 0];
    const vol = theos.row(id)?.volatility() ?? Number.NaN;
    const slice = sliceAt(expiry, underlying, markets, expiries);
    if (slice === undefined || !(vol > 0)) unknown++;
    else held.push({ size, strike, isCall, forward: slice.forward, years: slice.years, vol });
  }
  return { held, unknown };
}

function sliceAt(expiry: number, underlying: string, markets: Markets, expiries: Table<ExpiryState>) {
  for (let slot = 0; slot < expiries.count; slot++) {
    const slice = expiries.at(slot);
    if (slice.expiryTime() !== expiry || markets.underlyingOf(slice.option()) !== underlying) continue;
    return { forward: slice.forward(), years: slice.years() };
  }
  return undefined;
}

/**
 * Change of value, USD, when the index and every forward move by a share and every volatility by so much.
 * @param index USD @param move a fraction @param volMove a fraction; no volatility falls below one point
 */
export function change(held: readonly Held[], index: number, move: number, volMove: number): number {
  let sum = 0;
  for (const { size, strike, isCall, forward, years, vol } of held) {
    if (Number.isNaN(strike)) sum += size * index * move;
    else {
      const then = black(forward * (1 + move), strike, years, Math.max(0.01, vol + volMove), isCall).price;
      sum += size * (then - black(forward, strike, years, vol, isCall).price);
    }
  }
  return sum;
}
