/** A long series as few columns, each the least and the greatest of its part; NaN where a part holds no number. */
export interface Columns {
  least: Float64Array;
  greatest: Float64Array;
}

/** The part of `count` observations that column `column` of `width` stands for, as [from, to). */
export function partOf(column: number, width: number, count: number): [number, number] {
  const from = Math.floor((column * count) / width);
  return [from, Math.max(from + 1, Math.floor(((column + 1) * count) / width))];
}

export function columnsOf(values: ArrayLike<number>, width: number): Columns {
  const least = new Float64Array(width).fill(Number.NaN);
  const greatest = new Float64Array(width).fill(Number.NaN);
  for (let column = 0; column < width; column++) {
    const [from, to] = partOf(column, width, values.length);
    for (let index = from; index < Math.min(to, values.length); index++) {
      const value = values[index]!;
      if (!Number.isFinite(value)) continue;
      if (!(least[column]! <= value)) least[column] = value;
      if (!(greatest[column]! >= value)) greatest[column] = value;
    }
  }
  return { least, greatest };
}

/** Least and greatest of all columns; a range of 1 where there is none. */
export function rangeOf(...all: Columns[]): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { least, greatest } of all) {
    for (const value of least) if (value < low) low = value;
    for (const value of greatest) if (value > high) high = value;
  }
  if (!(high > low)) return Number.isFinite(low) ? { low: low - 0.5, high: low + 0.5 } : { low: 0, high: 1 };
  return { low, high };
}
