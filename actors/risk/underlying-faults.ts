import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { WORST_FIELDS, WORST_LOSS } from '../../engine/market/risk/scenario-scan.js';
import { BASE, BASE_FIELDS, FLAG, type RiskMemory, SCALAR } from './risk-memory.js';

const SECOND_MICROS = 1e6;
const {
  underlyingAgeSeconds: LIMIT_UNDERLYING_AGE_SECONDS,
  perpetualDivergence: LIMIT_PERPETUAL_DIVERGENCE,
  clockOffsetSeconds: LIMIT_CLOCK_OFFSET_SECONDS,
  ackLatencyMs: LIMIT_ACK_LATENCY_MS,
  scenarioLossUsd: LIMIT_SCENARIO_LOSS_USD,
  valueAtRiskUsd: LIMIT_VALUE_AT_RISK_USD,
  grossDeltaUsd: LIMIT_GROSS_DELTA_USD,
  unwindingUsd: LIMIT_UNWINDING_USD,
  marginUse: LIMIT_MARGIN_USE,
} = LIMIT;

/**
 * What keeps the prices of an underlying from being trusted, whatever the instrument: the clock, the venue's answers, silence, a perpetual that has left its index.
 * @param found receives what was found, `bound` the limit
 * @returns a code of `CHECKS`; 0 while all is well
 */
export function faultOfHealth(
  memory: RiskMemory,
  underlying: number,
  clock: Float64Array,
  found: Float64Array,
  bound: Float64Array,
): number {
  const { limits, acks, ofUnderlying } = memory;
  if (memory.flags[FLAG.LIVE] === 1 && !memory.clock.allows(limits, LIMIT_CLOCK_OFFSET_SECONDS)) {
    found[0] = memory.clock.found[0]!;
    bound[0] = limits[LIMIT_CLOCK_OFFSET_SECONDS]!;
    return RiskCode.CLOCK_OFFSET;
  }
  if (!acks.allows(clock, limits, LIMIT_ACK_LATENCY_MS)) {
    found[0] = acks.found[0]!;
    bound[0] = limits[LIMIT_ACK_LATENCY_MS]!;
    return RiskCode.ACK_LATENCY;
  }
  const base = underlying * BASE_FIELDS;
  found[0] = (clock[0]! - ofUnderlying[base + BASE.HEARD]!) / SECOND_MICROS;
  bound[0] = limits[LIMIT_UNDERLYING_AGE_SECONDS]!;
  if (!(found[0]! <= bound[0]!)) return RiskCode.UNDERLYING_STALE;
  const index = ofUnderlying[base + BASE.INDEX]!;
  const perpetual = ofUnderlying[base + BASE.PERPETUAL]!;
  found[0] = perpetual > 0 && index > 0 ? Math.abs(perpetual / index - 1) : 0;
  bound[0] = limits[LIMIT_PERPETUAL_DIVERGENCE]!;
  return found[0]! > bound[0]! ? RiskCode.PERPETUAL_DIVERGENCE : 0;
}

/** What stands against any risk more on an underlying, by what is held already: what a scenario or a bad day would cost, deltas, the cost of being rid of it, the margin that is used. What is no number stands against it too. Told as `faultOfHealth` tells. */
export function faultOfHoldings(
  memory: RiskMemory,
  underlying: number,
  found: Float64Array,
  bound: Float64Array,
): number {
  const { limits } = memory;
  found[0] = memory.scenarios.worst[underlying * WORST_FIELDS + WORST_LOSS]!;
  bound[0] = limits[LIMIT_SCENARIO_LOSS_USD]!;
  if (!(found[0]! <= bound[0]!)) return RiskCode.SCENARIO;
  found[0] = memory.scenarios.valueAtRisk[underlying]!;
  bound[0] = limits[LIMIT_VALUE_AT_RISK_USD]!;
  if (!(found[0]! <= bound[0]!)) return RiskCode.VALUE_AT_RISK;
  found[0] = memory.heldSums.grossDeltas[underlying]! * memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
  bound[0] = limits[LIMIT_GROSS_DELTA_USD]!;
  if (!(found[0]! <= bound[0]!)) return RiskCode.GROSS_DELTA;
  found[0] = memory.heldSums.unwindings[underlying]!;
  bound[0] = limits[LIMIT_UNWINDING_USD]!;
  if (!(found[0]! <= bound[0]!)) return RiskCode.UNWINDING;
  found[0] = memory.scalars[SCALAR.MARGIN_USE]!;
  bound[0] = limits[LIMIT_MARGIN_USE]!;
  return found[0]! <= bound[0]! ? 0 : RiskCode.MARGIN;
}
