import { FilterEvent } from '../../schemas/generated/filter-event.js';
import { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { FilteredBar } from '../../schemas/generated/filtered-bar.js';
import { HopBucket } from '../../schemas/generated/hop-bucket.js';
import { HopLatency } from '../../schemas/generated/hop-latency.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { ThreadRow } from '../../schemas/generated/thread-row.js';
import { MessageType } from '../../schemas/message-type.js';
import type { Topic } from '../store/channel.js';

// What charts alone show: it is in their file.
export const slices: Topic<SliceFit> = {
  name: 'slices',
  rowType: MessageType.SLICE_FIT,
  struct: SliceFit,
  hz: 1,
  silence: 0,
};
export const latency: Topic<HopLatency> = {
  name: 'latency',
  rowType: MessageType.HOP_LATENCY,
  struct: HopLatency,
  texts: true,
  hz: 1,
  silence: 6,
};
export const threads: Topic<ThreadRow> = {
  name: 'threads',
  rowType: MessageType.THREAD_ROW,
  struct: ThreadRow,
  texts: true,
  hz: 1,
  silence: 6,
};
export const filterRules: Topic<FilterRuleState> = {
  name: 'filter-rules',
  rowType: MessageType.FILTER_RULE_STATE,
  struct: FilterRuleState,
  hz: 1,
  silence: 60,
};
export const filterEvents: Topic<FilterEvent> = {
  name: 'filter-events',
  rowType: MessageType.FILTER_EVENT,
  struct: FilterEvent,
  events: true,
  hz: 4,
  silence: 0,
};
export const filteredBars: Topic<FilteredBar> = {
  name: 'filtered-bars',
  rowType: MessageType.FILTERED_BAR,
  struct: FilteredBar,
  events: true,
  hz: 4,
  silence: 0,
};
export const latencyBuckets: Topic<HopBucket> = {
  name: 'latency-buckets',
  rowType: MessageType.HOP_BUCKET,
  struct: HopBucket,
  hz: 1,
  silence: 6,
};
