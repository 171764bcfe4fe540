/** The forward of each expiry, from futures and from put-call parity. */
export {
  chooseForward,
  FORWARD_QUOTE,
  FORWARD_SOURCE,
  type ForwardSource,
  interpolateForward,
} from './futures.js';
export { forwardInterval, INTERVAL, INTERVAL_CODE, type IntervalCode } from './parity-interval.js';
export type { ParityQuotes } from './parity-quotes.js';
export { forwardFromParity, PARITY } from './parity-regression.js';
