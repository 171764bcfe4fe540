import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FLAG, METER } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

const SECOND_MICROS = 1e6;
const MINUTE_MICROS = 60e6;
const {
  openOrders: LIMIT_OPEN_ORDERS,
  inFlight: LIMIT_IN_FLIGHT,
  rejectsPerMinute: LIMIT_REJECTS_PER_MINUTE,
  repeatsPerSecond: LIMIT_REPEATS_PER_SECOND,
  requestsPerSecond: LIMIT_REQUESTS_PER_SECOND,
} = LIMIT;

/** How many requests are at work, in flight, rejected, repeated; and our own market maker protection. */
export function flowCheck(judged: JudgedIntent): number {
  const { memory, now } = judged;
  const { flags, meters, limits } = memory;
  if (flags[FLAG.OPEN_ORDERS]! >= limits[LIMIT_OPEN_ORDERS]!) {
    return judged.refused(RiskCode.OPEN_ORDERS, flags[FLAG.OPEN_ORDERS]!, limits[LIMIT_OPEN_ORDERS]!);
  }
  if (flags[FLAG.IN_FLIGHT]! >= limits[LIMIT_IN_FLIGHT]! || memory.pending.isFull) {
    return judged.refused(RiskCode.IN_FLIGHT, flags[FLAG.IN_FLIGHT]!, limits[LIMIT_IN_FLIGHT]!);
  }
  if (!meters.allows(METER.REJECTS, now, limits, LIMIT_REJECTS_PER_MINUTE, MINUTE_MICROS)) {
    return judged.refused(RiskCode.REJECT_STORM, 0, limits[LIMIT_REJECTS_PER_MINUTE]!);
  }
  if (!judged.isHedge && memory.burst.isPaused(judged.underlying, now)) return RiskCode.LOCAL_MMP;
  const side = METER.SIDES + 2 * judged.id + (judged.isSell ? 1 : 0);
  if (!meters.allows(side, now, limits, LIMIT_REPEATS_PER_SECOND, SECOND_MICROS)) {
    return judged.refused(RiskCode.REPEAT, 0, limits[LIMIT_REPEATS_PER_SECOND]!);
  }
  if (!meters.allows(METER.REQUESTS, now, limits, LIMIT_REQUESTS_PER_SECOND, SECOND_MICROS)) {
    return judged.refused(RiskCode.RATE, 0, limits[LIMIT_REQUESTS_PER_SECOND]!);
  }
  return 0;
}

/** The intent has passed: it counts for the rates. */
export function countRequest(judged: JudgedIntent): void {
  const { meters } = judged.memory;
  meters.count(METER.REQUESTS);
  meters.count(METER.SIDES + 2 * judged.id + (judged.isSell ? 1 : 0));
}
