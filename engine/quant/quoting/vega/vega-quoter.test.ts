import { describe, expect, test } from 'vitest';
import { bytesPerCall } from '../../../testing/allocation.js';
import { uniform as seededUniform } from '../../../testing/random.js';
import { logisticDistance, logisticFillRate } from './logistic-fills.js';
import { PAPER_VARIANCE, paperParameters } from './paper-book.js';
import { VegaQuoter } from './vega-quoter.js';

const paper = paperParameters();
const quoter = new VegaQuoter(paper).solve();
const converged = new VegaQuoter({ ...paper, nodes: 641, steps: 160 }).solve();
const inventories = [-9.1e6, -5e6, -1.2e6, 0, 3e5, 2.5e6, 7e6, 1e7];

function quotesAt(of: VegaQuoter, V: number, t = 0): { bids: Float64Array; asks: Float64Array } {
  const bids = new Float64Array(paper.options.length);
  const asks = new Float64Array(paper.options.length);
  of.distances(bids, asks, V, t);
  return { bids, asks };
}

/** Root mean square error of the value over half the inventories. */
function errorOf(of: VegaQuoter): number {
  const solved = of.solve();
  const gaps = Array.from({ length: 101 }, (_, i) => solved.value(1e5 * (i - 50)) - converged.value(1e5 * (i - 50)));
  return Math.hypot(...gaps) / Math.sqrt(gaps.length);
}

describe('the logistic fill curve', () => {
  const option = paper.options[2]!;

  test('fills a third of the requests at the mid and two thirds a vol point inside', () => {
    expect(logisticFillRate(option, paper, 0) / option.lambda).toBeCloseTo(0.332, 3);
    expect(logisticFillRate(option, paper, -0.01 * option.vega) / option.lambda).toBeCloseTo(0.69, 3);
  });

  test('the chosen distance earns more than any other', () => {
    for (const indifference of [-0.2, -0.01, 0, 0.003, 0.1]) {
      const income = (distance: number): number =>
        (distance - indifference) * logisticFillRate(option, paper, distance);
      const best = logisticDistance(option, paper, indifference);
      for (const step of [1e-4, 1e-3, 1e-2, 1]) {
        expect(income(best)).toBeGreaterThan(income(best + step));
        expect(income(best)).toBeGreaterThan(income(best - step));
      }
    }
  });
});

describe("the value of quoting the paper's book", () => {
  test('on its grid of 180 x 30 x 40, by its scheme, is 162,904', () => {
    const judge = new VegaQuoter({ ...paper, variance: PAPER_VARIANCE, nodes: 40, steps: 180, scheme: 'monotone' });
    expect(Math.round(judge.solve().value(0))).toBe(162_904);
  });

  test('is even in the inventory to the last bit on the grid, and quotes mirror', () => {
    for (const V of inventories) {
      expect(quoter.value(-V)).toBeCloseTo(quoter.value(V), 6);
      const { bids } = quotesAt(quoter, V);
      const { asks } = quotesAt(quoter, -V);
      bids.forEach((bid, i) => {
        if (bid === Infinity) expect(asks[i]).toBe(Infinity);
        else expect(asks[i]).toBeCloseTo(bid, 11);
      });
    }
    for (let node = 0; node <= 20; node++) {
      const V = (1e7 * (2 * node - 40)) / 40;
      expect(quoter.value(-V)).toBe(quoter.value(V));
    }
  });

  test('converges: halving spacing and step divides the error of the published scheme by the order of the grid', () => {
    const errors = [21, 41, 81, 161].map((nodes, halving) =>
      errorOf(new VegaQuoter({ ...paper, nodes, steps: 110 << halving, scheme: 'monotone' })),
    );
    for (let i = 1; i < errors.length; i++) expect(errors[i - 1]! / errors[i]!).toBeGreaterThan(3.5);
  });

  test('by the accurate scheme is right to 1e-5 on the default grid, and 4 times righter every second halving', () => {
    const errors = [41, 81, 161].map((nodes) => errorOf(new VegaQuoter({ ...paper, nodes })));
    expect(errors[0]).toBeLessThan(1e-5 * converged.value(0));
    expect(errors[0]! / errors[1]!).toBeGreaterThan(2);
    expect(errors[0]! / errors[2]!).toBeGreaterThan(4);
  });

  test('in two dimensions is the one-dimensional one where the drifts agree', () => {
    const { kappaP, thetaP } = PAPER_VARIANCE;
    const variance = { ...PAPER_VARIANCE, nodes: 5, kappaQ: kappaP, thetaQ: thetaP };
    const both = new VegaQuoter({ ...paper, variance }).solve();
    for (const V of inventories) expect(both.value(V) / quoter.value(V)).toBeCloseTo(1, 6);
  });

  test('with a vol that will rise more than prices say rewards long vega, at every variance of the paper', () => {
    const judge = new VegaQuoter({ ...paper, variance: { ...PAPER_VARIANCE, nodes: 10 } }).solve();
    const drift = (2 * (0.04 - 0.0225)) / (2 * 0.15);
    const frozen = new VegaQuoter({ ...paper, volDrift: drift }).solve();
    expect(frozen.value(3e6)).toBeGreaterThan(frozen.value(-3e6) + 100);
    for (const V of [-5e6, 0, 5e6]) expect(frozen.value(V) / judge.value(V)).toBeCloseTo(1, 4);
  });

  test('falls with risk aversion, and less where the spot hedges part of the vol', () => {
    const averse = new VegaQuoter({ ...paper, gamma: 2e-3 }).solve();
    const hedged = new VegaQuoter({ ...paper, gamma: 2e-3, rho: -0.5 }).solve();
    expect(averse.value(0)).toBeLessThan(hedged.value(0));
    expect(hedged.value(0)).toBeLessThan(quoter.value(0));
  });
});

describe('quotes', () => {
  test('lean against the inventory: the bid moves away as vega grows, the ask comes nearer', () => {
    let before = quotesAt(quoter, -4.5e6);
    for (let V = -4e6; V <= 4.5e6; V += 5e5) {
      const now = quotesAt(quoter, V);
      for (let i = 0; i < paper.options.length; i++) {
        expect(now.bids[i]).toBeGreaterThan(before.bids[i]!);
        expect(now.asks[i]).toBeLessThan(before.asks[i]!);
      }
      before = now;
    }
  });

  test('are not shown where the fill would pass the limit, nor beyond it except to come back', () => {
    const { bids, asks } = quotesAt(quoter, 9.5e6);
    paper.options.forEach(({ vega, size }, i) => {
      expect(bids[i] === Infinity).toBe(9.5e6 + vega * size > 1e7);
    });
    for (const ask of asks) expect(Number.isFinite(ask)).toBe(true);
    const beyond = quotesAt(quoter, 1.05e7);
    for (const bid of beyond.bids) expect(bid).toBe(Infinity);
    for (const ask of beyond.asks) expect(Number.isFinite(ask)).toBe(true);
  });

  test('at the end are those of a maker without inventory', () => {
    const { bids } = quotesAt(quoter, 2e6, paper.T);
    paper.options.forEach((option, i) => {
      expect(bids[i]).toBeCloseTo(logisticDistance(option, paper, 0), 12);
    });
  });

  test('earn the value: a simulated maker who follows them, within Monte Carlo error', () => {
    const { mean, error } = simulate(quoter, 12_000);
    expect(error).toBeLessThan(0.0015 * mean);
    expect(Math.abs(mean - quoter.value(0))).toBeLessThan(3 * error);
  });

  test('beat wider and narrower ones, and quotes that ignore the inventory', () => {
    for (const policy of [{ width: 1.3 }, { width: 0.7 }, { lean: 0 }]) {
      expect(simulate(quoter, 2000, policy).mean).toBeLessThan(quoter.value(0) - 500);
    }
  });
});

interface Policy {
  /** Multiplies every distance. */
  width?: number;
  /** Multiplies the inventory that the quotes know of. */
  lean?: number;
}

/**
 * Requests arrive as a Poisson process and trade with the curve's probability; the penalty is the vol's variance. What a
 * fill changes in the value, less its expectation, is taken off: noise with mean 0 whatever the value function.
 */
function simulate(follow: VegaQuoter, sessions: number, { width = 1, lean = 1 }: Policy = {}) {
  const { options, T, gamma, xi, Vmax } = paper;
  const uniform = seededUniform(11);
  const requests = options.reduce((sum, { lambda }) => sum + 2 * lambda, 0);
  let sum = 0;
  let squares = 0;
  for (let session = 0; session < sessions; session++) {
    let V = 0;
    let t = 0;
    let earned = 0;
    while (true) {
      const until = Math.min(T, t - Math.log(1 - uniform()) / requests);
      earned -= ((gamma * xi * xi) / 8) * V * V * (until - t);
      t = until;
      if (t >= T) break;
      let pick = (uniform() * requests) / 2;
      let i = 0;
      while (i < options.length - 1 && pick >= options[i]!.lambda) pick -= options[i++]!.lambda;
      const option = options[i]!;
      const buys = uniform() < 0.5;
      const after = V + (buys ? option.size : -option.size) * option.vega;
      const draw = uniform();
      if (Math.abs(after) > Vmax) continue;
      const known = lean * V;
      const distance = width * (buys ? follow.bidDistance(i, known, t) : follow.askDistance(i, known, t));
      const chance = logisticFillRate(option, paper, distance) / option.lambda;
      const fills = draw < chance ? 1 : 0;
      const change = follow.value(after, t) - follow.value(V, t);
      earned += chance * option.size * distance - (fills - chance) * change;
      if (fills) V = after;
    }
    sum += earned;
    squares += earned * earned;
  }
  const mean = sum / sessions;
  return { mean, error: Math.sqrt((squares / sessions - mean * mean) / sessions) };
}

test.each([
  [{ ...paper, options: [] }, 'options must hold at least one option'],
  [{ ...paper, options: [{ vega: 0, size: 1, lambda: 1 }] }, 'options[0].vega must be a finite number above 0, not 0'],
  [{ ...paper, T: Number.NaN }, 'T must be a finite number above 0, not NaN'],
  [{ ...paper, rho: 1.5 }, 'rho must be a correlation from -1 to 1, not 1.5'],
  [{ ...paper, nodes: 4 }, 'nodes must be a whole number of at least 5, not 4'],
  [{ ...paper, variance: PAPER_VARIANCE, volDrift: 0.1 }, 'volDrift must be left out beside variance'],
  [{ ...paper, variance: { ...PAPER_VARIANCE, nu0: 0.1 } }, 'variance.nu0 must be from 0.0144 to 0.0324, not 0.1'],
])('wrong parameters are refused (%#)', (wrong, message) => {
  expect(() => new VegaQuoter(wrong)).toThrow(`VegaQuoter: ${message}`);
});

test('questions outside the grid are refused', () => {
  expect(() => quoter.value(1.1e7)).toThrow('VegaQuoter: V must be a number from -10000000 to 10000000, not 11000000');
  expect(() => quoter.value(0, 1)).toThrow('VegaQuoter: t must be');
  expect(new VegaQuoter(paper).value(0)).toBeNaN();
});

test('solving again allocates nothing', () => {
  const kernel = {
    module: 'engine/quant/index.js',
    setup: `const quoter = new VegaQuoter({ options: [{ vega: 1, size: 3, lambda: 100 }],
      alpha: 0.7, beta: 150, gamma: 1e-3, xi: 0.2, Vmax: 20, T: 0.01, nodes: 5, steps: 1 });`,
    call: 'quoter.solve();',
  };
  expect(bytesPerCall(kernel, 100_000)).toBe(0);
});
