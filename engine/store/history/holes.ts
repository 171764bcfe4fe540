/** A stretch in which something is missing. Times are microseconds since the Unix epoch. */
export interface Hole {
  /** When the first missing one would have been, or where it is not known, when the one before was. */
  from: number;
  /** When the first one after is. */
  to: number;
  /** How many are missing. */
  missing: number;
}

/** Steps of a regular grid that are missing between its first and last. @param times sorted; @param step microseconds */
export function gridHoles(times: ArrayLike<number>, step: number): Hole[] {
  const holes: Hole[] = [];
  for (let index = 1; index < times.length; index++) {
    const before = times[index - 1]!;
    const missing = Math.round((times[index]! - before) / step) - 1;
    if (missing > 0) holes.push({ from: before + step, to: times[index]!, missing });
  }
  return holes;
}

/** Pauses between snapshots of more than one and a half times their usual distance. @param times sorted, all different */
export function pauseHoles(times: ArrayLike<number>): Hole[] {
  if (times.length < 3) return [];
  const pauses = Float64Array.from({ length: times.length - 1 }, (_, index) => times[index + 1]! - times[index]!);
  const usual = pauses.slice().sort()[pauses.length >> 1]!;
  const holes: Hole[] = [];
  for (const [index, pause] of pauses.entries()) {
    if (pause > 1.5 * usual)
      holes.push({ from: times[index]!, to: times[index + 1]!, missing: Math.max(1, Math.round(pause / usual) - 1) });
  }
  return holes;
}

/** Numbers that are missing in a count without holes. @param numbers sorted, with the time of each */
export function sequenceHoles(numbers: ArrayLike<number>, times: ArrayLike<number>): Hole[] {
  const holes: Hole[] = [];
  for (let index = 1; index < numbers.length; index++) {
    const missing = numbers[index]! - numbers[index - 1]! - 1;
    if (missing > 0) holes.push({ from: times[index - 1]!, to: times[index]!, missing });
  }
  return holes;
}
