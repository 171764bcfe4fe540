import type { StreamEdge } from '../../engine/runtime/actor/definition.js';
import { anomalies, approvedOrders, log } from '../streams.js';

/** What is kept whole. Of the other stages' outputs replay regenerates the detail, and a digest proves it. */
export const KEPT: readonly StreamEdge[] = [log, approvedOrders];
/** Kept whole as well as proven: little, and what people ask the journal for. */
export const TOLD: readonly StreamEdge[] = [anomalies];
