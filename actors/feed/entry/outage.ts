import type { ReasonCode } from '../../../engine/market/quality/reason.js';
import type { ChannelKind } from '../session/channel-watch.js';

export const OutagePhase = { BEGINS: 1, ENDS: 2 } as const;

/** A stretch of a feed that cannot be trusted, as FeedOutage records tell of it. */
export interface Outage {
  instrument: number;
  reason: ReasonCode;
  phase: (typeof OutagePhase)[keyof typeof OutagePhase];
  channel: ChannelKind;
  /** Microseconds since the Unix epoch. */
  since: number;
  expected: number;
  found: number;
}
