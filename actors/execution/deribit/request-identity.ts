import type { ApprovedOrder } from '../../../schemas/generated/approved-order.js';

/** What an answer names of the request that it answers. */
export interface RequestIdentity {
  seq: number;
  index: number;
  action: number;
  run: number;
  orderIndex: number;
  orderSeq: number;
  instrument: number;
  side: number;
}

/** The identity of the request that an approved order makes. @param seq the log event that the order answers */
export function identityOf(order: ApprovedOrder, seq: number): RequestIdentity {
  return {
    seq,
    index: order.requestIndex(),
    action: order.action(),
    run: order.run(),
    orderIndex: order.index(),
    orderSeq: order.orderSeq(),
    instrument: order.instrument(),
    side: order.side(),
  };
}

/** The venue's answer to a request, as a RequestReport tells it; times in microseconds since the Unix epoch. */
export interface Answered {
  outcome: number;
  reason: number;
  venueCode: number;
  limit: number;
  connection: number;
  cancelled: number;
  venueRequest: number;
  askedMicros: number;
  answeredMicros: number;
  venueMicros: number;
}
