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

/** How many requests are at work, in flight and rejected; and our own market maker protection. */
export function flowCheck(judged: JudgedIntent): number {
  const { memory, now, limits } = judged;
  const { flags } = memory;
  const open = flags[FLAG.OPEN_ORDERS]!;
  if (open >= limits[LIMIT_OPEN_ORDERS]!)
    return judged.refused(RiskCode.OPEN_ORDERS, open, limits[LIMIT_OPEN_ORDERS]!);
  const inFlight = flags[FLAG.IN_FLIGHT]!;
  if (inFlight >= limits[LIMIT_IN_FLIGHT]! || memory.pending.isFull)
    return judged.refused(RiskCode.IN_FLIGHT, inFlight, limits[LIMIT_IN_FLIGHT]!);
  if (!memory.meters.allows(METER.REJECTS, now, limits, LIMIT_REJECTS_PER_MINUTE, MINUTE_MICROS)) {
    return judged.refused(RiskCode.REJECT_STORM, 0, limits[LIMIT_REJECTS_PER_MINUTE]!);
  }
  return !judged.isHedge && memory.burst.isPaused(judged.underlying, now) ? RiskCode.LOCAL_MMP : 0;
}

/** How often the side of the instrument is asked for, and how often anything is. */
export function rateCheck(judged: JudgedIntent): number {
  const { now, limits } = judged;
  const { meters } = judged.memory;
  if (!meters.allows(sideMeter(judged), now, limits, LIMIT_REPEATS_PER_SECOND, SECOND_MICROS)) {
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
  meters.count(sideMeter(judged));
}

function sideMeter(judged: JudgedIntent): number {
  return METER.SIDES + 2 * judged.id + (judged.isSell ? 1 : 0);
}
