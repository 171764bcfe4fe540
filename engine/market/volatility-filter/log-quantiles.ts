/** Relative width of a bucket: quantiles are exact to half of it. */
const STEP = 0.01;
const LOWEST = Math.log(1e-6);
const PER_UNIT = 1 / Math.log1p(STEP);
/** From 1e-6 up to 7e2 in steps of a hundredth; what lies outside counts in the outermost bucket. */
const BUCKETS = 2048;

/**
 * Quantiles of a sliding window of positive values: counts in buckets of equal relative width under a Fenwick tree, so that
 * putting in, taking out and asking cost eleven steps, whatever the window. Works in memory that it is given.
 */
export class LogQuantiles {
  static readonly cells = BUCKETS + 1;
  private readonly tree: Float64Array;

  /** @param tree `LogQuantiles.cells` zeros, or what they were */
  constructor(tree: Float64Array) {
    this.tree = tree;
  }

  /** Counts `cells[at]` once more (change 1) or once less (-1). */
  count(cells: Float64Array, at: number, change: number): void {
    const { tree } = this;
    let node = bucketOf(cells, at) + 1;
    for (; node <= BUCKETS; node += node & -node) tree[node]! += change;
    tree[0]! += change;
  }

  /** Writes to `cells[at]` the value below which the part `cells[at]` of the window lies; NaN for an empty window. */
  quantile(cells: Float64Array, at: number): void {
    const { tree } = this;
    let wanted = cells[at]! * tree[0]!;
    if (!(tree[0]! > 0)) {
      cells[at] = Number.NaN;
      return;
    }
    let node = 0;
    for (let step = BUCKETS; step > 0; step >>= 1) {
      const next = node + step;
      if (next <= BUCKETS && tree[next]! < wanted) {
        node = next;
        wanted -= tree[next]!;
      }
    }
    // The middle of the bucket that holds it.
    cells[at] = Math.exp(LOWEST + (Math.min(node, BUCKETS - 1) + 0.5) / PER_UNIT);
  }
}

function bucketOf(cells: Float64Array, at: number): number {
  const bucket = Math.floor((Math.log(cells[at]!) - LOWEST) * PER_UNIT);
  // A logarithm of 0 is -Infinity, which no comparison lets through as a place.
  return bucket > 0 ? (bucket < BUCKETS ? bucket : BUCKETS - 1) : 0;
}
