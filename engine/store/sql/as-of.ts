/** Length of the stretches of an instrument by which its tops are found, microseconds. */
const STRETCH_MICROS = 60_000_000;

/** The minute of a row's instrument as one number: where tops are looked for, most of them are told from it alone. */
export function minuteOf(row: string): string {
  const prefix = row === '' ? '' : `${row}.`;
  return `(${prefix}instrument::BIGINT << 32) + epoch_us(${prefix}time) // ${STRETCH_MICROS}`;
}

/**
 * Common table expressions that end in `in_force`: for each row of `moments` (a relation of `n`, `instrument` and `time`) that has one, the instrument's
 * last top before its time, as `n`, `top_time` and `columns`.
 *
 * DuckDB's own as-of join sorts everything. Few moments touch few minutes, so that what lies in their minutes, and in those before, is taken out first: tops of
 * the minutes of another moment do not count. A moment that has nothing in its own is looked for among all tops of its instrument, and where there is no such
 * moment nothing is read for it.
 *
 * @param where which tops count, as a condition on `t`
 */
export function topsInForce(moments: string, columns: readonly string[], where = 'true'): string {
  const shown = columns.map((column) => `t.${column}`).join(', ');
  return `wanted AS (SELECT DISTINCT ${minuteOf('m')} - back AS minute FROM ${moments} m, (VALUES (0), (1)) AS b(back)),
      near AS (SELECT t.instrument, t.time, t.minute, ${shown} FROM tops t SEMI JOIN wanted w ON t.minute = w.minute WHERE ${where}),
      found AS (SELECT m.n, t.time AS top_time, ${shown} FROM ${moments} m ASOF JOIN near t ON t.instrument = m.instrument AND t.time < m.time
        WHERE t.minute >= ${minuteOf('m')} - 1),
      quiet AS (SELECT m.n, m.instrument, m.time FROM ${moments} m ANTI JOIN found f ON f.n = m.n),
      far AS (SELECT t.instrument, t.time, ${shown} FROM tops t SEMI JOIN quiet q ON t.instrument = q.instrument WHERE ${where}),
      in_force AS (FROM found UNION ALL SELECT m.n, t.time, ${shown} FROM quiet m ASOF JOIN far t ON t.instrument = m.instrument AND t.time < m.time)`;
}
