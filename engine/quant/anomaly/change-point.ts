/** Options of the change-point detector. */
export interface ChangePointOptions {
  /** Expected number of observations between changes, > 1. */
  expectedRun?: number;
  /** Longest run that is told apart; longer ones count as this long. Sets the cost of a step. */
  longestRun?: number;
  /** Prior of each run: mean, how many observations it weighs, and the variance with its weight. */
  mean?: number;
  meanWeight?: number;
  variance?: number;
  varianceWeight?: number;
}

/**
 * Bayesian online change-point detection (Adams & MacKay 2007) for Gaussian observations of unknown mean and variance:
 * keeps the probability of every run length since the last change, up to a bound that makes a step's cost constant.
 */
export class ChangePointDetector {
  private readonly hazard: number;
  private readonly meanWeight: number;
  private readonly varianceWeight: number;
  private readonly priorMean: number;
  private readonly priorSquares: number;
  /** Per run length: its probability, and the posterior's mean and sum of squares. */
  private readonly probability: Float64Array;
  private readonly mean: Float64Array;
  private readonly squares: Float64Array;
  private readonly likelihood: Float64Array;
  private readonly logConstant: Float64Array;
  private runs = 1;

  constructor(options: ChangePointOptions = {}) {
    const {
      expectedRun = 250,
      longestRun = 200,
      mean = 0,
      meanWeight = 0.1,
      variance = 1,
      varianceWeight = 2,
    } = options;
    if (!(expectedRun > 1)) throw new RangeError(`expectedRun must exceed 1, found ${expectedRun}`);
    if (!(Number.isInteger(longestRun) && longestRun >= 2 && longestRun <= 100_000)) {
      throw new RangeError(`longestRun must be a whole number from 2 to 100000, found ${longestRun}`);
    }
    for (const [name, value] of Object.entries({ meanWeight, variance, varianceWeight })) {
      if (!(value > 0 && value < Number.POSITIVE_INFINITY))
        throw new RangeError(`${name} must be positive, found ${value}`);
    }
    this.hazard = 1 / expectedRun;
    this.meanWeight = meanWeight;
    this.varianceWeight = varianceWeight;
    this.priorMean = mean;
    this.priorSquares = variance * varianceWeight;
    this.probability = new Float64Array(longestRun);
    this.mean = new Float64Array(longestRun);
    this.squares = new Float64Array(longestRun);
    this.likelihood = new Float64Array(longestRun);
    this.logConstant = Float64Array.from({ length: longestRun }, (_, run) => logStudentConstant(varianceWeight + run));
    this.beginRun(1);
  }

  /**
   * Takes in an observation; returns the probability that the run is at most `recent` observations old, which jumps
   * towards 1 after a change. NaN and infinities are ignored and return NaN.
   */
  update(value: number, recent = 5): number {
    if (!Number.isFinite(value)) return Number.NaN;
    const { probability, hazard } = this;
    const longest = probability.length;
    const total = this.weigh(value);
    const kept = (1 - hazard) / total;
    const full = this.runs === longest;
    // Runs that are longer than can be told apart share the last cell.
    const oldest = full ? kept * probability[longest - 1]! : 0;
    if (full) this.absorb(longest - 1, longest - 1, value, 1);
    // From the longest run down: each moves to the cell of the next length.
    for (let run = Math.min(this.runs, longest - 1); run >= 1; run--) {
      const grown = kept * probability[run - 1]!;
      const merged = run === longest - 1 ? oldest : 0;
      this.absorb(run, run - 1, value, merged > 0 ? grown / (grown + merged) : 1);
      probability[run] = grown + merged;
    }
    this.beginRun(hazard);
    if (!full) this.runs++;
    let young = 0;
    for (let run = 0; run <= recent && run < this.runs; run++) young += probability[run]!;
    return young;
  }

  /** The most probable number of observations since the last change; at most one less than the longest run. */
  get runLength(): number {
    let best = 0;
    for (let run = 1; run < this.runs; run++) if (this.probability[run]! > this.probability[best]!) best = run;
    return best;
  }

  private beginRun(probability: number): void {
    this.probability[0] = probability;
    this.mean[0] = this.priorMean;
    this.squares[0] = this.priorSquares;
  }

  /** Multiplies each run's probability by how well it foresaw the observation; returns their sum. */
  private weigh(value: number): number {
    const { probability, likelihood, runs } = this;
    let largest = Number.NEGATIVE_INFINITY;
    for (let run = 0; run < runs; run++) {
      const log = this.logPredictive(run, value);
      likelihood[run] = log;
      if (log > largest) largest = log;
    }
    let total = 0;
    for (let run = 0; run < runs; run++) {
      // A floor keeps every hypothesis alive: one underflow must not make a run length impossible for ever.
      probability[run] = Math.max(probability[run]! * Math.exp(likelihood[run]! - largest), 1e-200);
      total += probability[run]!;
    }
    return total;
  }

  /** Posterior of cell `from` after one more observation, mixed into cell `to` with the given weight. */
  private absorb(to: number, from: number, value: number, weight: number): void {
    const { mean, squares } = this;
    const seen = this.meanWeight + from;
    const distance = value - mean[from]!;
    const newMean = mean[from]! + distance / (seen + 1);
    // In the last cell the count stays, so its sum of squares forgets what the count does not carry.
    const freedom = this.varianceWeight + from;
    const remembered = to === from ? freedom / (freedom + 1) : 1;
    const newSquares = (squares[from]! + (seen / (seen + 1)) * distance * distance) * remembered;
    mean[to] = weight === 1 ? newMean : mean[to]! + weight * (newMean - mean[to]!);
    squares[to] = weight === 1 ? newSquares : squares[to]! + weight * (newSquares - squares[to]!);
  }

  /** Log of Student's t density of an observation that continues a run of this length. */
  private logPredictive(run: number, value: number): number {
    const seen = this.meanWeight + run;
    const freedom = this.varianceWeight + run;
    const spread = (this.squares[run]! * (seen + 1)) / seen;
    const distance = value - this.mean[run]!;
    return (
      this.logConstant[run]! -
      0.5 * Math.log(spread / freedom) -
      0.5 * (freedom + 1) * Math.log1p((distance * distance) / spread)
    );
  }
}

/** ln Gamma((v+1)/2) - ln Gamma(v/2) - ln(pi v)/2, v degrees of freedom. */
function logStudentConstant(freedom: number): number {
  return logGamma((freedom + 1) / 2) - logGamma(freedom / 2) - 0.5 * Math.log(Math.PI * freedom);
}

/** Stirling's series after shifting the argument beyond 10: 1e-13 and better. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z++) shift -= Math.log(z);
  const inverse = 1 / z;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680))));
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series;
}
