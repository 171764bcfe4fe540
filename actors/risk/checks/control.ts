import { OrderFlag } from '../../../engine/market/orders/codes.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { RiskMode } from '../../../engine/market/risk/risk-states.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/board.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { FLAG } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

/** Whether anything that adds risk may pass at all: limits, arming, readiness, and the states of the engine and of the parts of the book. */
export function controlCheck(judged: JudgedIntent, intent: OrderIntent): number {
  const { flags, states } = judged.memory;
  if (flags[FLAG.HAS_LIMITS] === 0) return RiskCode.NO_LIMITS;
  if (flags[FLAG.DISARMED] === 1) return RiskCode.DISARMED;
  if (flags[FLAG.READY] === 0) return RiskCode.NOT_READY;
  let mode = states.worst(intent.strategy(), judged.underlying, judged.expiry);
  const engine = flags[FLAG.ENGINE]!;
  if (engine === EngineStateCode.REDUCING && mode < RiskMode.REDUCING) mode = RiskMode.REDUCING;
  if (mode === RiskMode.HALTED || (engine !== EngineStateCode.ACTIVE && engine !== EngineStateCode.REDUCING)) {
    return RiskCode.HALTED;
  }
  if (mode === RiskMode.REDUCING && !judged.reduces()) return RiskCode.REDUCING;
  if ((judged.flags & OrderFlag.REDUCE_ONLY) !== 0 && !judged.reducesPosition()) return RiskCode.REDUCE_ONLY;
  return 0;
}
