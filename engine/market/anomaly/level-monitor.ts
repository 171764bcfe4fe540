/** Cells of a monitor. */
const CENTRE = 0;
const SCALE = 1;
const SEEN = 2;
/** Observations in a row that lie beyond the bound, negative where they lie below; when and with which event it began. */
const OUTSIDE = 3;
export const OUTSIDE_SINCE = 4;
export const OUTSIDE_SEQ = 5;
/** Of an observation outside: the level, and how many deviations away. */
export const LEVEL_BEFORE = 6;
export const LEVEL_SCORE = 7;
export const LEVEL_CELLS = 8;

const MAD_OF_NORMAL = 0.6744897501960817;
/** How fast the level follows, and the scale of the distances from it. */
const LEVEL_GAIN = 0.05;
const SCALE_MEMORY = 500;
const LEAST_SEEN = 60;
/** Deviations beyond which an observation counts as outside. */
const BOUND = 9;
/** Observations in a row that make a shift: one or two may be a bad quote. */
const CONFIRMED = 3;

export const LEVEL_EVIDENCE = CONFIRMED;

/** What an observation was to a level. */
export const LevelOutcome = { INSIDE: 0, ABOVE: 1, BELOW: 2, SHIFTED: 3 } as const;

/**
 * Watches a level that wanders slowly: SHIFTED when the observation at `values[at]` is the third in a row that stands clearly
 * on one side of where it was. While it is outside nothing is learnt; with a shift the level is the new one. `least`: distance
 * in the unit of the observations below which nothing counts, at `values[least]`. `now` and `seq` are places of the event's
 * time and number.
 */
export function levelShifted(
  values: Float64Array,
  at: number,
  least: number,
  now: number,
  seq: number,
  cells: Float64Array,
  row: number,
): number {
  const value = values[at]!;
  if (!(value > Number.NEGATIVE_INFINITY && value < Number.POSITIVE_INFINITY)) return LevelOutcome.INSIDE;
  const seen = cells[row + SEEN]!;
  cells[row + SEEN] = seen + 1;
  if (seen === 0) {
    cells[row + CENTRE] = value;
    return LevelOutcome.INSIDE;
  }
  const distance = value - cells[row + CENTRE]!;
  const away = Math.abs(distance);
  const scale = cells[row + SCALE]!;
  if (seen >= LEAST_SEEN && away > BOUND * scale && away > values[least]!) {
    const outside = cells[row + OUTSIDE]!;
    const side = distance > 0 ? 1 : -1;
    if (outside * side > 0) {
      cells[row + OUTSIDE] = outside + side;
    } else {
      cells[row + OUTSIDE] = side;
      cells[row + OUTSIDE_SINCE] = values[now]!;
      cells[row + OUTSIDE_SEQ] = values[seq]!;
    }
    cells[row + LEVEL_BEFORE] = cells[row + CENTRE]!;
    cells[row + LEVEL_SCORE] = scale > 0 ? distance / scale : Number.POSITIVE_INFINITY;
    if (Math.abs(cells[row + OUTSIDE]!) < CONFIRMED) return side > 0 ? LevelOutcome.ABOVE : LevelOutcome.BELOW;
    cells[row + CENTRE] = value;
    cells[row + OUTSIDE] = 0;
    return LevelOutcome.SHIFTED;
  }
  cells[row + OUTSIDE] = 0;
  cells[row + CENTRE]! += Math.max(LEVEL_GAIN, 1 / (seen + 1)) * distance;
  if (scale === 0) {
    cells[row + SCALE] = away / MAD_OF_NORMAL;
  } else {
    const gain = 2 / Math.min(seen + 3, SCALE_MEMORY);
    const mad = scale * MAD_OF_NORMAL;
    if (away !== mad) cells[row + SCALE] = scale * Math.exp(away > mad ? gain : -gain);
  }
  return LevelOutcome.INSIDE;
}
