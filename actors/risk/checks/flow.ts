import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FLAG, METER, SCALAR } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';
import { VERDICT } from './standing-verdicts.js';

const SECOND_MICROS = 1e6;
const { FLOW, PAUSE } = VERDICT;
const { REQUESTS, SIDES } = METER;
const {
  inFlight: LIMIT_IN_FLIGHT,
  openOrders: LIMIT_OPEN_ORDERS,
  repeatsPerSecond: LIMIT_REPEATS_PER_SECOND,
  requestsPerSecond: LIMIT_REQUESTS_PER_SECOND,
} = LIMIT;

/** How many requests are at work, in flight and rejected; and our own market maker protection. */
export function flowCheck(judged: JudgedIntent): number {
  const { memory, verdicts, underlying } = judged;
  const code = judged.isClear ? 0 : verdicts.codeOf(underlying, FLOW);
  if (memory.pending.isFull && code !== RiskCode.OPEN_ORDERS)
    return judged.refused(RiskCode.IN_FLIGHT, memory.flags[FLAG.IN_FLIGHT]!, judged.limits[LIMIT_IN_FLIGHT]!);
  if (code !== 0 && (code !== RiskCode.OPEN_ORDERS || addsAnOrder(judged))) return judged.refusedAsJudged(FLOW);
  // What was approved a moment ago is no order yet, and will be one.
  const opening = memory.scalars[SCALAR.OPENING]!;
  if (opening > 0 && addsAnOrder(judged)) {
    const orders = memory.flags[FLAG.OPEN_ORDERS]! + opening;
    const most = judged.limits[LIMIT_OPEN_ORDERS]!;
    if (orders >= most) return judged.refused(RiskCode.OPEN_ORDERS, orders, most);
  }
  return judged.isClear || judged.isHedge ? 0 : verdicts.codeOf(underlying, PAUSE);
}

/** What changes an order that works stays at its price otherwise, and what takes risk away may not wait for quotes to go. */
function addsAnOrder(judged: JudgedIntent): boolean {
  return judged.opens() && !judged.reduces();
}

/** How often the side of the instrument is asked for, and how often anything is. */
export function rateCheck(judged: JudgedIntent): number {
  const { now, limits } = judged;
  const { meters } = judged.memory;
  if (!meters.allows(sideMeter(judged), now, limits, LIMIT_REPEATS_PER_SECOND, SECOND_MICROS)) {
    return judged.refused(RiskCode.REPEAT, 0, limits[LIMIT_REPEATS_PER_SECOND]!);
  }
  if (!meters.allows(REQUESTS, now, limits, LIMIT_REQUESTS_PER_SECOND, SECOND_MICROS)) {
    return judged.refused(RiskCode.RATE, 0, limits[LIMIT_REQUESTS_PER_SECOND]!);
  }
  return 0;
}

/** The intent has passed: it counts for the rates. */
export function countRequest(judged: JudgedIntent): void {
  const { meters } = judged.memory;
  meters.count(REQUESTS);
  meters.count(sideMeter(judged));
}

function sideMeter(judged: JudgedIntent): number {
  return SIDES + 2 * judged.id + (judged.isSell ? 1 : 0);
}
