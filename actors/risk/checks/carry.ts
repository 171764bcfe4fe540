import { LIMIT } from '../../../engine/market/risk/limits.js';
import {
  PROTECTED,
  REST,
  REST_FIELDS,
  REST_UNIT_FIELDS,
  UNIT_DELTA,
} from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

const YEAR_MICROS = 365 * 86_400e6;
const PERCENT = 0.01;
const { rhoUsd: LIMIT_RHO_USD } = LIMIT;

/**
 * Rho and basis: what the underlying would lose if the carry of every expiry moved by a per cent a year, with all that rests of the intent's expiry filled on the side that it
 * makes worse. A forward moves by itself times its time; a perpetual's carry is its funding, and has none.
 */
export function carryCheck(judged: JudgedIntent): number {
  if (judged.added[0] === 0) return 0;
  const { memory } = judged;
  const { limits } = judged.tables;
  const years = (judged.tables.facts[judged.row + FACT.EXPIRY]! - judged.now[0]!) / YEAR_MICROS;
  if (!(years > 0 && years < Number.POSITIVE_INFINITY)) return 0;
  const unit = memory.resting.units[judged.id * REST_UNIT_FIELDS + UNIT_DELTA]!;
  const added = judged.isSell ? -judged.added[0]! * unit : judged.added[0]! * unit;
  const isUp = added > 0;
  const sum = judged.expiry * REST_FIELDS + (isUp ? REST.DELTA_UP : REST.DELTA_DOWN);
  const sums = memory.resting.ofExpiry;
  const told = memory.ofExpiry[judged.expiry * BASE_FIELDS + BASE.FORWARD]!;
  const forward = told > 0 ? told : memory.ofUnderlying[judged.underlying * BASE_FIELDS + BASE.INDEX]!;
  const worst = memory.rhos[judged.underlying]! + (sums[sum]! + sums[sum + PROTECTED]! + added) * forward * years;
  const found = (isUp ? worst : -worst) * PERCENT;
  if (found > limits[LIMIT_RHO_USD]! && !judged.reduces()) {
    return judged.refused(RiskCode.RHO, found, limits[LIMIT_RHO_USD]!);
  }
  return 0;
}
