import type { QueueRuleCode } from '../../../engine/market/fills/index.js';
import type { CreditSettings } from '../../session/credits.js';
import type { Latency } from '../../venue-sim/latency.js';
import type { MakerSettings } from './glft-maker.js';

/** Market maker protection of the perpetual: so much traded within the interval of a first trade pulls both quotes. */
export interface PerpetualProtection {
  intervalMs: number;
  frozenMs: number;
  /** The venue's amount unit, buys and sells added. */
  quantityLimit: number;
}

/** All that a backtest on recorded depth depends on beside the recording: plain data. */
export interface PerpetualSettings {
  seed: number;
  maker: MakerSettings;
  queue: QueueRuleCode;
  /** Of the rules that have one. */
  exponent: number;
  /** Market data to the strategy: the recording's own, or another. */
  data: Latency | { kind: 'recording'; floorMs: number };
  /** From the look that decides to the exchange, and from the exchange back. */
  order: Latency;
  answer: Latency;
  /** Parts of the value traded; negative for a rebate. */
  makerFee: number;
  takerFee: number;
  feeScale: number;
  /** Paid by longs to shorts at 00:00, 08:00 and 16:00 UTC, part of the value. */
  fundingRate: number;
  /** Milliseconds that an order which would take waits. */
  speedBumpMs: number;
  credits: CreditSettings;
  /** Absent: none. */
  protection?: PerpetualProtection;
  lookSeconds: number;
  /** The part of the recording in time that is traded in, from 0 to 1; what is before it is played all the same, for the book. */
  part: readonly [from: number, to: number];
}
