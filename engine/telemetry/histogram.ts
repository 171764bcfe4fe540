/**
 * A log-linear histogram over shared memory: one writer records, any thread reads.
 *
 * Values are whole nanoseconds below 2^31 (2.1 s; larger ones count in the last bucket). Below 128 a bucket is one
 * nanosecond wide, above it is 1/64 of its power of two: 1.6 % at most. One float64 a bucket, because a 32-bit count of
 * a busy hop would wrap within a day.
 *
 *     [0] values recorded   [1] greatest value   [2..] buckets
 */
const LINEAR = 128;
const LINEAR_BITS = 7;
const SUB_BUCKETS = 64;
const SUB_BITS = 6;
const BUCKETS = LINEAR + (31 - LINEAR_BITS) * SUB_BUCKETS;
const COUNT = 0;
const MAX = 1;
const FIRST_BUCKET = 2;

/** float64 words that one histogram occupies. */
export const HISTOGRAM_DOUBLES = FIRST_BUCKET + BUCKETS;
/** Greatest value that is told apart from greater ones. */
export const HISTOGRAM_LIMIT = 0x7fffffff;

function bucketOf(value: number): number {
  if (value < LINEAR) return value;
  const exponent = 31 - Math.clz32(value);
  return LINEAR + (exponent - LINEAR_BITS) * SUB_BUCKETS + ((value >>> (exponent - SUB_BITS)) & (SUB_BUCKETS - 1));
}

/** Least value that falls into a bucket. */
function floorOf(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const exponent = LINEAR_BITS + Math.floor((bucket - LINEAR) / SUB_BUCKETS);
  const sub = (bucket - LINEAR) % SUB_BUCKETS;
  return (SUB_BUCKETS + sub) * 2 ** (exponent - SUB_BITS);
}

/** Value that stands for a bucket: its middle. */
function middleOf(bucket: number): number {
  return bucket < LINEAR ? bucket : (floorOf(bucket) + floorOf(bucket + 1)) / 2;
}

let middles: Float64Array | undefined;

/** Of every bucket, worked out with the first reading: who reads many histograms would spend the time on powers of two, and most threads only record. */
function middlesOfAll(): Float64Array {
  middles ??= Float64Array.from({ length: BUCKETS }, (_, bucket) => middleOf(bucket));
  return middles;
}

export class Histogram {
  private readonly cells: Float64Array;

  /** Over `HISTOGRAM_DOUBLES` doubles of (usually shared) memory. */
  constructor(cells: Float64Array = new Float64Array(HISTOGRAM_DOUBLES)) {
    this.cells = cells;
  }

  /** Counts one value, in whole nanoseconds; an int32, so that it is never boxed. Negative values count as zero. */
  record(nanoseconds: number): void {
    const { cells } = this;
    const value = nanoseconds < 0 ? 0 : nanoseconds;
    cells[FIRST_BUCKET + bucketOf(value)]! += 1;
    cells[COUNT]! += 1;
    if (value > cells[MAX]!) cells[MAX] = value;
  }

  get count(): number {
    return this.cells[COUNT]!;
  }

  get max(): number {
    return this.cells[MAX]!;
  }

  /** Value below which this share (0 to 1) of the recorded ones lie; NaN when nothing was recorded. */
  quantile(share: number): number {
    const { cells } = this;
    const total = cells[COUNT]!;
    if (total === 0) return Number.NaN;
    const target = Math.max(1, Math.ceil(total * share));
    const middle = middlesOfAll();
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += cells[FIRST_BUCKET + bucket]!;
      if (seen >= target) return Math.min(middle[bucket]!, this.max);
    }
    return this.max;
  }

  /** Calls back for every bucket that is not empty, with its middle value and its count. */
  forEach(visit: (value: number, count: number) => void): void {
    const { cells } = this;
    const middle = middlesOfAll();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const count = cells[FIRST_BUCKET + bucket]!;
      if (count > 0) visit(middle[bucket]!, count);
    }
  }

  /** Forgets everything. For the writer, or while nobody writes. */
  reset(): void {
    this.cells.fill(0);
  }
}
