import { LIMIT } from '../../../engine/market/risk/limits.js';
import { PROTECTED, REST, REST_FIELDS } from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { EXPIRY, EXPIRY_FIELDS } from './standing-verdicts.js';

const { DELTA, FORWARD, INDEX } = NUMBER;
const { DELTA_UP, DELTA_DOWN } = REST;
const { YEARS } = EXPIRY;
const PERCENT = 0.01;
const { rhoUsd: LIMIT_RHO_USD } = LIMIT;

/**
 * Rho and basis: what the underlying would lose if the carry of every expiry moved by a per cent a year, with all that rests of the intent's expiry filled on the side that it
 * makes worse. A forward moves by itself times its time; a perpetual's carry is its funding, and has none.
 */
export function carryCheck(judged: JudgedIntent): number {
  if (judged.added[0] === 0) return 0;
  const { memory, numbers, expiry, isUp } = judged;
  const years = judged.verdicts.times[expiry * EXPIRY_FIELDS + YEARS]!;
  if (!(years > 0 && years < Number.POSITIVE_INFINITY)) return 0;
  const sum = expiry * REST_FIELDS + (isUp ? DELTA_UP : DELTA_DOWN);
  const sums = memory.resting.ofExpiry;
  const told = numbers[FORWARD]!;
  const forward = told > 0 ? told : numbers[INDEX]!;
  const open = sums[sum]! + sums[sum + PROTECTED]! + numbers[DELTA]!;
  const worst = memory.rhos[judged.underlying]! + open * forward * years;
  const found = (isUp ? worst : -worst) * PERCENT;
  const most = judged.limits[LIMIT_RHO_USD]!;
  return !(found <= most) && !judged.reduces() ? judged.refused(RiskCode.RHO, found, most) : 0;
}
