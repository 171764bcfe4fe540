/** A normal deviate's standard deviation is this many times its median absolute deviation. */
const MAD_TO_SIGMA = 1.4826;

/**
 * The last values of a series with their median and median absolute deviation: a centre and a scale that outliers among
 * them hardly move. Costs a few dozen comparisons a value, without garbage.
 */
export class RobustWindow {
  readonly #values: Float64Array;
  readonly #sorted: Float64Array;
  readonly #deviations: Float64Array;
  #count = 0;
  #next = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
    this.#sorted = new Float64Array(size);
    this.#deviations = new Float64Array(size);
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.#next = 0;
  }

  push(value: number): void {
    const values = this.#values;
    const sorted = this.#sorted;
    let length = this.#count;
    if (length === values.length) {
      let at = 0;
      while (sorted[at] !== values[this.#next]) at++;
      for (; at < length - 1; at++) sorted[at] = sorted[at + 1]!;
      length--;
    } else this.#count++;
    let at = length;
    for (; at > 0 && sorted[at - 1]! > value; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = value;
    values[this.#next] = value;
    this.#next = (this.#next + 1) % values.length;
  }

  /** The median; NaN while there is no value. */
  median(): number {
    return middle(this.#sorted, this.#count);
  }

  /** The standard deviation that a normal series of this median absolute deviation has; NaN while there is no value. */
  sigma(): number {
    const centre = this.median();
    const sorted = this.#sorted;
    const deviations = this.#deviations;
    const count = this.#count;
    // Deviations rise to both sides of the median: merging the two runs sorts them.
    let low = count - 1;
    while (low >= 0 && sorted[low]! > centre) low--;
    let high = low + 1;
    for (let index = 0; index < count; index++) {
      const below = low >= 0 ? centre - sorted[low]! : Number.POSITIVE_INFINITY;
      const above = high < count ? sorted[high]! - centre : Number.POSITIVE_INFINITY;
      if (below <= above) {
        deviations[index] = below;
        low--;
      } else {
        deviations[index] = above;
        high++;
      }
    }
    return MAD_TO_SIGMA * middle(deviations, count);
  }
}

function middle(sorted: Float64Array, count: number): number {
  if (count === 0) return Number.NaN;
  const half = count >> 1;
  return count % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
