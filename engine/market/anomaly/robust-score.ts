/** Cells of a score: running median, robust standard deviation, observations, and the score of the last one. */
const CENTRE = 0;
const SCALE = 1;
const SEEN = 2;
export const SCORE = 3;
export const SCORE_CELLS = 4;

const MAD_OF_NORMAL = 0.6744897501960817;
const LEAST_SCALE = 1e-300;
/** About how many observations the medians look back. */
const MEMORY = 500;
/** Observations before a score is told. */
const LEAST_SEEN = 50;

/**
 * The robust z-score of engine/quant's RobustZScore, in cells: scores `cells[at]` against the median and the MAD of those
 * before it and learns from it after. NaN while too little was seen. Constant time.
 */
export function scoreRobustly(values: Float64Array, at: number, cells: Float64Array, score: number): void {
  const value = values[at]!;
  if (!(value > Number.NEGATIVE_INFINITY && value < Number.POSITIVE_INFINITY)) {
    cells[score + SCORE] = Number.NaN;
    return;
  }
  const seen = cells[score + SEEN]!;
  cells[score + SEEN] = seen + 1;
  if (seen === 0) {
    cells[score + CENTRE] = value;
    cells[score + SCALE] = 0;
    cells[score + SCORE] = Number.NaN;
    return;
  }
  const distance = value - cells[score + CENTRE]!;
  const away = Math.abs(distance);
  const scale = cells[score + SCALE]!;
  cells[score + SCORE] = seen < LEAST_SEEN ? Number.NaN : away === 0 ? 0 : distance / Math.max(scale, LEAST_SCALE);
  const gain = 4 / Math.min(seen + 3, MEMORY);
  if (scale === 0) {
    cells[score + SCALE] = away / MAD_OF_NORMAL;
    return;
  }
  const mad = scale * MAD_OF_NORMAL;
  if (distance !== 0) cells[score + CENTRE]! += (distance > 0 ? 0.5 : -0.5) * gain * scale;
  if (away !== mad) cells[score + SCALE] = scale * Math.exp(away > mad ? 0.5 * gain : -0.5 * gain);
}

export function scaleOf(cells: Float64Array, score: number): number {
  return cells[score + SCALE]!;
}

export function centreOf(cells: Float64Array, score: number): number {
  return cells[score + CENTRE]!;
}
