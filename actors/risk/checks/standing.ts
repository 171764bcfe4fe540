import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { WORST_FIELDS, WORST_LOSS } from '../../../engine/market/risk/scenario-scan.js';
import { SCALAR } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

const { scenarioLossUsd: LIMIT_SCENARIO_LOSS_USD, marginUse: LIMIT_MARGIN_USE } = LIMIT;

/** What stands against any risk more, whatever the intent: the loss of a scenario, the margin that is used. */
export function standingCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const { limits } = judged.tables;
  if (judged.reduces()) return 0;
  const loss = memory.scenarios.worst[judged.underlying * WORST_FIELDS + WORST_LOSS]!;
  if (loss > limits[LIMIT_SCENARIO_LOSS_USD]!)
    return judged.refused(RiskCode.SCENARIO, loss, limits[LIMIT_SCENARIO_LOSS_USD]!);
  const use = memory.scalars[SCALAR.MARGIN_USE]!;
  if (use > limits[LIMIT_MARGIN_USE]!) return judged.refused(RiskCode.MARGIN, use, limits[LIMIT_MARGIN_USE]!);
  return 0;
}
