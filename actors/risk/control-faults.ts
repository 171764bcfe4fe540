import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode } from '../../engine/market/risk/risk-states.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { FLAG, METER, type RiskMemory } from './risk-memory.js';

const MINUTE_MICROS = 60e6;
const { openOrders: LIMIT_OPEN_ORDERS, inFlight: LIMIT_IN_FLIGHT, rejectsPerMinute: LIMIT_REJECTS_PER_MINUTE } = LIMIT;

/** Why nothing that adds risk may pass at all: limits, arming, readiness. @returns a code of `CHECKS`; 0 while it may */
export function faultOfControl(memory: RiskMemory): number {
  const { flags } = memory;
  if (flags[FLAG.HAS_LIMITS] === 0) return RiskCode.NO_LIMITS;
  if (flags[FLAG.DISARMED] === 1) return RiskCode.DISARMED;
  return flags[FLAG.READY] === 0 || flags[FLAG.VENUE_CLOSED] === 1 ? RiskCode.NOT_READY : 0;
}

/** The state that holds for an underlying and an expiry, by the engine's and by those of the parts of the book. */
export function modeOf(memory: RiskMemory, underlying: number, expiry: number): number {
  const engine = memory.flags[FLAG.ENGINE]!;
  const mode = memory.states.worstOfBook(underlying, expiry);
  if (engine === EngineStateCode.ACTIVE) return mode;
  return engine === EngineStateCode.REDUCING && mode < RiskMode.HALTED ? RiskMode.REDUCING : RiskMode.HALTED;
}

/**
 * What stands against any request more, requests in flight and rejects, and against any order more: orders at work.
 * @param found receives what was found, `bound` the limit
 * @returns a code of `CHECKS`; 0 while there is room
 */
export function faultOfFlow(memory: RiskMemory, clock: Float64Array, found: Float64Array, bound: Float64Array): number {
  const { flags, limits } = memory;
  found[0] = flags[FLAG.IN_FLIGHT]!;
  bound[0] = limits[LIMIT_IN_FLIGHT]!;
  if (found[0]! >= bound[0]!) return RiskCode.IN_FLIGHT;
  found[0] = 0;
  bound[0] = limits[LIMIT_REJECTS_PER_MINUTE]!;
  const isQuiet = memory.meters.allows(METER.REJECTS, clock, limits, LIMIT_REJECTS_PER_MINUTE, MINUTE_MICROS);
  if (!isQuiet) return RiskCode.REJECT_STORM;
  // Last, because it stands against new orders alone.
  found[0] = flags[FLAG.OPEN_ORDERS]!;
  bound[0] = limits[LIMIT_OPEN_ORDERS]!;
  return found[0]! >= bound[0]! ? RiskCode.OPEN_ORDERS : 0;
}
