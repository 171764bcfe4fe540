import { invertPositive, multiply } from '../statistics/matrix.js';
import { hessianAt, minimise } from '../statistics/minimise.js';
import { type EgarchParameters, egarchLikelihood, type GarchParameters, garchLikelihood } from './garch-models.js';

/** What every maximum-likelihood fit of this family tells beside its parameters. */
export interface LikelihoodFit<Name extends string> {
  /** Gaussian, over all returns. */
  logLikelihood: number;
  /** From the inverse Hessian of the log-likelihood; NaN where it is not curved (a parameter at its bound). */
  standardErrors: Record<Name, number>;
  /** Quasi-maximum-likelihood sandwich (Bollerslev & Wooldridge 1992): right also when shocks are not normal. */
  robustStandardErrors: Record<Name, number>;
  /** Expected variance of the bar after the last. */
  nextVariance: number;
  /** Whether the search ended because nothing improves any more. */
  converged: boolean;
}

export type Garch11Fit = Required<Omit<GarchParameters, 'gamma'>> & LikelihoodFit<'mu' | 'omega' | 'alpha' | 'beta'>;
export type GjrFit = Required<GarchParameters> & LikelihoodFit<'mu' | 'omega' | 'alpha' | 'beta' | 'gamma'>;
export type EgarchFit = EgarchParameters & LikelihoodFit<'mu' | 'omega' | 'alpha' | 'beta' | 'gamma'>;

/** How one model of the family is estimated, for returns scaled to unit variance. */
interface Family<Name extends string> {
  names: readonly Name[];
  /** Where the search starts, in coordinates without bounds. */
  start: readonly number[];
  /** From coordinates without bounds to the parameters, in the order of the names. */
  bounded(x: Float64Array): Float64Array;
  likelihood(parameters: Float64Array, returns: Float64Array, shares: Float64Array): number;
  /** The parameters of the same model for returns that are `scale` times as large. */
  rescaled(parameters: Float64Array, scale: number): Float64Array;
}

function checkedReturns(returns: ArrayLike<number>): { scaled: Float64Array; scale: number } {
  const values = Float64Array.from(returns);
  if (values.length < 50) throw new RangeError(`a GARCH fit needs 50 returns or more, found ${values.length}`);
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) throw new RangeError(`return ${broken} must be a finite number, found ${values[broken]}`);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const scale = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length);
  if (!(scale > 1e-14 * Math.abs(mean))) {
    throw new RangeError('constant returns have no variance: there is nothing to fit');
  }
  return { scaled: values.map((value) => value / scale), scale };
}

function total(shares: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < shares.length; t++) sum += shares[t]!;
  return sum;
}

function maximise<Name extends string>(
  family: Family<Name>,
  returns: ArrayLike<number>,
): Record<Name, number> & LikelihoodFit<Name> {
  const { scaled, scale } = checkedReturns(returns);
  const shares = new Float64Array(scaled.length);
  const loss = (parameters: Float64Array): number => {
    family.likelihood(parameters, scaled, shares);
    return -total(shares);
  };
  const search = minimise((x) => loss(family.bounded(x)), family.start);
  const best = family.bounded(search.point);
  const parameters = family.rescaled(best, scale);
  // Errors are those of the parameters as reported, so the likelihood is curved in the data's own units.
  const original = scaled.map((value) => value * scale);
  const errors = standardErrors(family, parameters, original);
  const nextVariance = family.likelihood(parameters, original, shares);
  const named = (values: ArrayLike<number>): Record<Name, number> =>
    Object.fromEntries(family.names.map((name, i) => [name, values[i]!])) as Record<Name, number>;
  return {
    ...named(parameters),
    logLikelihood: total(shares),
    standardErrors: named(errors.classical),
    robustStandardErrors: named(errors.robust),
    nextVariance,
    converged: search.converged,
  };
}

function standardErrors<Name extends string>(
  family: Family<Name>,
  parameters: Float64Array,
  returns: Float64Array,
): { classical: Float64Array; robust: Float64Array } {
  const n = parameters.length;
  const shares = new Float64Array(returns.length);
  const hessian = hessianAt((at) => {
    family.likelihood(at, returns, shares);
    return -total(shares);
  }, parameters);
  const inverse = invertPositive(hessian, n);
  if (inverse === undefined) {
    const unknown = new Float64Array(n).fill(Number.NaN);
    return { classical: unknown, robust: unknown };
  }
  const errorsOf = (matrix: Float64Array): Float64Array => parameters.map((_, i) => Math.sqrt(matrix[i * n + i]!));
  const classical = errorsOf(inverse);
  const outer = scoreProducts(family, parameters, classical, returns);
  return { classical, robust: errorsOf(multiply(multiply(inverse, outer, n), inverse, n)) };
}

/** Sum over bars of the outer product of the bar's score with itself, by differences of a hundredth standard error. */
function scoreProducts<Name extends string>(
  family: Family<Name>,
  parameters: Float64Array,
  errors: Float64Array,
  returns: Float64Array,
): Float64Array {
  const n = parameters.length;
  const scores = Array.from(parameters, (parameter, i) => {
    const step = 0.01 * errors[i]!;
    const shifted = parameters.slice();
    const above = new Float64Array(returns.length);
    const below = new Float64Array(returns.length);
    shifted[i] = parameter + step;
    family.likelihood(shifted, returns, above);
    shifted[i] = parameter - step;
    family.likelihood(shifted, returns, below);
    return above.map((share, t) => (share - below[t]!) / (2 * step));
  });
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      products[i * n + j] = scores[i]!.reduce((sum, score, t) => sum + score * scores[j]![t]!, 0);
    }
  }
  return products;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const logit = (p: number): number => Math.log(p / (1 - p));

/** mu grows with the returns, omega with their square; the others have no unit. */
function rescaledGarch(parameters: Float64Array, scale: number): Float64Array {
  return parameters.map((value, i) => (i === 0 ? value * scale : i === 1 ? value * scale * scale : value));
}

const garch: Family<'mu' | 'omega' | 'alpha' | 'beta'> = {
  names: ['mu', 'omega', 'alpha', 'beta'],
  start: [0, Math.log(0.05), logit(0.95), logit(0.1)],
  bounded([mu, logOmega, persistence, share]) {
    const sum = logistic(persistence!);
    const alpha = sum * logistic(share!);
    return Float64Array.of(mu!, Math.exp(logOmega!), alpha, sum - alpha);
  },
  likelihood([mu, omega, alpha, beta], returns, shares) {
    return garchLikelihood({ mu: mu!, omega: omega!, alpha: alpha!, beta: beta! }, returns, shares);
  },
  rescaled: rescaledGarch,
};

const gjr: Family<'mu' | 'omega' | 'alpha' | 'beta' | 'gamma'> = {
  names: ['mu', 'omega', 'alpha', 'beta', 'gamma'],
  start: [0, Math.log(0.05), logit(0.95), logit(0.1), logit(0.5)],
  // alpha is the effect of a gain, alpha + gamma that of a loss: both positive, their mean and beta below one.
  bounded([mu, logOmega, persistence, share, ofLosses]) {
    const sum = logistic(persistence!);
    const news = sum * logistic(share!);
    const loss = 2 * news * logistic(ofLosses!);
    const gain = 2 * news - loss;
    return Float64Array.of(mu!, Math.exp(logOmega!), gain, sum - news, loss - gain);
  },
  likelihood([mu, omega, alpha, beta, gamma], returns, shares) {
    return garchLikelihood({ mu: mu!, omega: omega!, alpha: alpha!, beta: beta!, gamma: gamma! }, returns, shares);
  },
  rescaled: rescaledGarch,
};

const egarch: Family<'mu' | 'omega' | 'alpha' | 'beta' | 'gamma'> = {
  names: ['mu', 'omega', 'alpha', 'beta', 'gamma'],
  start: [0, 0, 0, Math.atanh(0.9), 0.2],
  bounded: ([mu, omega, alpha, beta, gamma]) => Float64Array.of(mu!, omega!, alpha!, Math.tanh(beta!), gamma!),
  likelihood([mu, omega, alpha, beta, gamma], returns, shares) {
    return egarchLikelihood({ mu: mu!, omega: omega!, alpha: alpha!, beta: beta!, gamma: gamma! }, returns, shares);
  },
  rescaled: (parameters, scale) =>
    parameters.map((value, i) =>
      i === 0 ? value * scale : i === 1 ? value + 2 * Math.log(scale) * (1 - parameters[3]!) : value,
    ),
};

/**
 * GARCH(1,1) by Gaussian maximum likelihood (Bollerslev 1986), with the start of the published benchmark of Fiorentini,
 * Calzolari & Panattoni (1996). Returns are per bar in any unit; omega is in its square. Stationary by construction.
 * Throws a RangeError for fewer than 50 returns, for one that is not finite, and for constant returns.
 */
export function garch11Fit(returns: ArrayLike<number>): Garch11Fit {
  return maximise(garch, returns);
}

/** GJR(1,1), in which losses move variance by alpha + gamma and gains by alpha. Otherwise as `garch11Fit`. */
export function gjrFit(returns: ArrayLike<number>): GjrFit {
  return maximise(gjr, returns);
}

/** EGARCH(1,1), alpha the sign effect and gamma the size effect. Otherwise as `garch11Fit`. */
export function egarchFit(returns: ArrayLike<number>): EgarchFit {
  return maximise(egarch, returns);
}
