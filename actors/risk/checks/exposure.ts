import { LIMIT } from '../../../engine/market/risk/limits.js';
import { REST_UNIT_FIELDS, UNIT_VEGA } from '../../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { carryCheck } from './carry.js';
import { expiryExposureCheck } from './expiry-exposure.js';
import { greeksCheck } from './greeks.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';
import { marginCheck } from './margin.js';
import { standingCheck } from './standing.js';
import { shortExposureCheck, underlyingExposureCheck } from './underlying-exposure.js';

const { AMOUNT, RESTING, POSITION, USD_OF_ONE, UNIT_DELTA, DELTA, VEGA } = NUMBER;
const { OPEN_INTEREST } = FACT;
const {
  positionUsd: LIMIT_POSITION_USD,
  hedgePositionUsd: LIMIT_HEDGE_POSITION_USD,
  openInterestShare: LIMIT_OPEN_INTEREST_SHARE,
  orderUsd: LIMIT_ORDER_USD,
} = LIMIT;

/**
 * What would be held if the intent and everything that rests were filled. First of the instrument: its value, and its share of the open interest; then of the expiry and of the underlying.
 * The function is kept larger than what V8 inlines: how much is inlined into one function is limited, and here the count begins anew.
 */
export function exposureCheck(judged: JudgedIntent): number {
  const { numbers, limits, isOption, isSell } = judged;
  const resting = numbers[RESTING]!;
  const position = numbers[POSITION]!;
  const usdOfOne = numbers[USD_OF_ONE]!;
  // A quote's amount is what shall be open when the request arrives: what rests now may have been filled on its way.
  const amount = numbers[AMOUNT]! + resting;
  const size = Math.abs(isSell ? position - amount : position + amount);
  const held = Math.abs(position);
  const after = size * usdOfOne;
  const most = limits[isOption ? LIMIT_POSITION_USD : LIMIT_HEDGE_POSITION_USD]!;
  // Beyond the limit only what cannot make the position larger passes, however much of it is filled.
  if (after > most && after > held * usdOfOne) return judged.refused(RiskCode.POSITION, after, most);
  const interest = judged.facts[judged.row + OPEN_INTEREST]!;
  const share = interest > 0 ? size / interest : 0;
  // A share says nothing while hardly anybody holds the instrument, when one order would be most of it: hence the least value.
  if (isOption && share > limits[LIMIT_OPEN_INTEREST_SHARE]! && after > limits[LIMIT_ORDER_USD]! && size > held) {
    return judged.refused(RiskCode.CONCENTRATION, share, limits[LIMIT_OPEN_INTEREST_SHARE]!);
  }
  // What is added to all that may trade: a quote under protection replaces the one that stands there.
  const open = numbers[AMOUNT]! - (judged.isProtected ? resting : 0);
  const added = open > 0 ? open : 0;
  const signed = isSell ? -added : added;
  const delta = numbers[UNIT_DELTA]!;
  judged.added[0] = added;
  numbers[DELTA] = signed * delta;
  numbers[VEGA] = signed * judged.memory.resting.units[judged.id * REST_UNIT_FIELDS + UNIT_VEGA]!;
  judged.isUp = (isSell ? delta < 0 : delta > 0) ? 1 : 0;
  return (
    expiryExposureCheck(judged) ||
    underlyingExposureCheck(judged) ||
    shortExposureCheck(judged) ||
    greeksCheck(judged) ||
    carryCheck(judged) ||
    marginCheck(judged) ||
    standingCheck(judged)
  );
}
