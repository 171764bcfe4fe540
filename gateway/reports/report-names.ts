import { instrumentsOf } from '../assistant/tools/rows.js';
import type { JsonRow } from '../http/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { number } from './fields.js';
import type { Column } from './report.js';

/** The names of what a row is about; a number after a hash where it was never defined. */
export interface ReportNames {
  instrument(row: JsonRow): string;
  underlying(row: JsonRow): string;
}

/** The names by which the engine has listed its instruments. */
export function reportNames(topics: TopicSet): ReportNames {
  const listed = instrumentsOf(topics);
  const instruments = new Map(listed.map(({ id, name }) => [id, name]));
  const underlyings = new Map(
    listed.filter(({ kind }) => kind !== 'other').map(({ underlying, base }) => [underlying, base]),
  );
  return {
    instrument: (row) => instruments.get(number(row, 'instrument')) ?? `#${row.instrument}`,
    underlying: (row) => underlyings.get(number(row, 'underlying')) ?? `#${row.underlying}`,
  };
}

export function underlyingColumn(names: ReportNames): Column<JsonRow> {
  return ['underlying', null, names.underlying];
}
