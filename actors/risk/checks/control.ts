import { OrderFlag } from '../../../engine/market/orders/codes.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { RiskMode } from '../../../engine/market/risk/risk-states.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import type { JudgedIntent } from './judged-intent.js';
import { VERDICT } from './standing-verdicts.js';

const { CONTROL } = VERDICT;
const { ACTIVE, HALTED } = RiskMode;

/** Whether anything that adds risk may pass at all: limits, arming, readiness, and the states of the engine and of the parts of the book. */
export function controlCheck(judged: JudgedIntent, intent: OrderIntent): number {
  const { verdicts, isClear } = judged;
  const code = isClear ? 0 : verdicts.codeOf(judged.underlying, CONTROL);
  if (code !== 0) return code;
  const ofBook = isClear ? ACTIVE : verdicts.modes[judged.expiry]!;
  const ofStrategy = judged.memory.states.ofStrategy(intent.strategy());
  const mode = ofStrategy > ofBook ? ofStrategy : ofBook;
  if (mode === HALTED) return RiskCode.HALTED;
  if (mode !== ACTIVE && !judged.reduces()) return RiskCode.REDUCING;
  if ((judged.flags & OrderFlag.REDUCE_ONLY) !== 0 && !judged.reducesPosition()) return RiskCode.REDUCE_ONLY;
  return 0;
}
