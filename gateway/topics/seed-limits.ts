import { LIMIT, LIMIT_NAMES, type LimitName } from '../../engine/market/risk/limits.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { MergeTopic } from './topic.js';

/** Shows the limits of the configuration until risk tells of a change. */
export function seedLimits(topic: MergeTopic, limits: Readonly<Record<string, number>>): void {
  const buffer = new ViewBuffer(new ArrayBuffer(LimitState.sizeOf()));
  const row = new LimitState().__init(0, buffer);
  for (const name of LIMIT_NAMES) {
    const value = limits[name];
    if (value === undefined) continue;
    const place = LIMIT[name as LimitName];
    if (topic.has(place)) continue;
    row.mutate_limit(place);
    row.mutate_outcome(1);
    row.mutate_value(value);
    row.mutate_previous(value);
    topic.set(place, 0, buffer, 0);
  }
}
