import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const { AMOUNT, RESTING, POSITION, USD_OF_ONE } = NUMBER;
const { OPEN_INTEREST } = FACT;
const {
  positionUsd: LIMIT_POSITION_USD,
  hedgePositionUsd: LIMIT_HEDGE_POSITION_USD,
  openInterestShare: LIMIT_OPEN_INTEREST_SHARE,
  orderUsd: LIMIT_ORDER_USD,
} = LIMIT;

/** What would be held of the instrument if the intent and all that rests on its side were filled: its value, and its share of what all hold. */
export function positionCheck(judged: JudgedIntent): number {
  const { numbers, limits, isOption } = judged;
  // A quote's amount is what shall be open when the request arrives: what rests now may have been filled on its way.
  const amount = numbers[AMOUNT]! + numbers[RESTING]!;
  const position = numbers[POSITION]!;
  const size = Math.abs(judged.isSell ? position - amount : position + amount);
  const held = Math.abs(position);
  const usdOfOne = numbers[USD_OF_ONE]!;
  const most = limits[isOption ? LIMIT_POSITION_USD : LIMIT_HEDGE_POSITION_USD]!;
  // Whatever is filled of it, a position that is too large becomes no larger: that much may be asked for to make it smaller.
  if (size * usdOfOne > most && size * usdOfOne > held * usdOfOne)
    return judged.refused(RiskCode.POSITION, size * usdOfOne, most);
  const interest = judged.facts[judged.row + OPEN_INTEREST]!;
  const share = limits[LIMIT_OPEN_INTEREST_SHARE]!;
  // Of what hardly anybody trades yet, the first order would already be most.
  if (!isOption || !(interest > 0) || !(size / interest > share) || size <= held) return 0;
  if (!(size * usdOfOne > limits[LIMIT_ORDER_USD]!)) return 0;
  return judged.refused(RiskCode.CONCENTRATION, size / interest, share);
}
