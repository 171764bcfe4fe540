export type SqlType = 'BIGINT' | 'DOUBLE' | 'TIMESTAMP' | 'UINTEGER' | 'USMALLINT' | 'VARCHAR';

/** One column of a table, as the catalogue shows it. */
export interface StoreColumn {
  name: string;
  type: SqlType;
  /** Unit and meaning. */
  meaning: string;
}

/** One table of the store: which records its rows are, and why one would ask it. */
export interface StoreTable {
  name: string;
  /** Name of the record's type in the journal's layouts. */
  record: string;
  /** Rows are the records themselves, or the entries of the run behind each, with the record's own columns. */
  rows: 'records' | 'entries';
  comment: string;
  /** Where a core says the same thing over and over: at most one row a second for each value of these columns, the first of the second. */
  oncePerSecond?: readonly string[];
  /** Columns that its parts have beside those of the records, each an expression of them. */
  derived?: readonly (StoreColumn & { sql: string })[];
  /** Whether the journal keeps these records, or a replay of its log makes them again. */
  from: 'journal' | 'replay';
}
