import type { Latency } from '../venue-sim/latency.js';

/** What everything takes on its way, milliseconds. */
export interface Paths {
  /** Market data from the exchange to the log. */
  data: Latency;
  /** From an event in the log to the order that answers it at the socket. */
  decision: Latency;
  /** From the socket to the matching engine. */
  order: Latency;
  /** From the matching engine back into the log. */
  answer: Latency;
  /** From the filter's request to the surface. */
  calibration: Latency;
}

const constant = (ms: number): Latency => ({ kind: 'constant', ms });

/** An engine in the venue's data centre, on an ordinary machine. */
export const DEFAULT_PATHS: Paths = {
  data: constant(1),
  decision: constant(0.05),
  order: constant(1.5),
  answer: constant(1),
  calibration: constant(25),
};
