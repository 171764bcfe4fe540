import { ATTRIBUTION_TERMS } from '../../schemas/attribution-terms.js';
import { rowsOf } from '../assistant/tools/rows.js';
import type { JsonRow } from '../http/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { number } from './fields.js';
import type { Opening } from './report-store.js';

/** What counts from the beginning of the engine, by underlying, so that a day can be told apart from those before. */
export function openingOf(topics: TopicSet): Opening {
  const opening: Opening = {};
  for (const row of rowsOf(topics, 'attributions'))
    opening[`attribution ${row.underlying}`] = Object.fromEntries(
      [...ATTRIBUTION_TERMS, 'total', 'fills'].map((term) => [term, number(row, term) || 0]),
    );
  for (const row of rowsOf(topics, 'performances'))
    opening[`performance ${row.underlying}`] = {
      fills: number(row, 'fills') || 0,
      updates: number(row, 'updates') || 0,
    };
  return opening;
}

/** What was added since the opening; all of it where the count began anew since. */
export function since(opening: Opening, key: string, row: JsonRow, field: string): number {
  const before = opening[key];
  const now = number(row, field);
  if (before === undefined || (before.fills ?? 0) > number(row, 'fills')) return now;
  return now - (before[field] ?? 0);
}
