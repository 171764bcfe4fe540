import {
  ATTRIBUTION_WORKSPACE,
  attributeOptionPnl,
  avellanedaStoikovQuotes,
  fillScenarioGrid,
  GlftTable,
  glftQuotes,
  PNL_COUNT,
  VegaQuoter,
  type VegaQuoterParameters,
} from '../../../engine/quant/index.js';
import { PAPER_VARIANCE, paperParameters } from '../../../engine/quant/quoting/vega/paper-book.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { median, nanosecondsPer } from './timing.js';

/** Nanoseconds per call; what the calls return is kept, so that none is left out. */
function nanoseconds(calls: number, body: (call: number) => number): number {
  let sink = 0;
  const perCall = nanosecondsPer(
    () => {
      for (let call = 0; call < calls; call++) sink += body(call);
    },
    calls,
    21,
  );
  if (Number.isNaN(sink)) throw new Error('a quoting benchmark computed NaN');
  return perCall;
}

/** Milliseconds of the first and of the median solve, and the value of the flat book. */
function solves(parameters: VegaQuoterParameters, count: number): { first: number; median: number; value: number } {
  const times: number[] = [];
  let value = 0;
  for (let run = 0; run < count; run++) {
    const quoter = new VegaQuoter(parameters);
    const start = performance.now();
    quoter.solve();
    times.push(performance.now() - start);
    value = quoter.value(0);
  }
  return { first: times[0]!, median: median(times), value };
}

function vegaQuoter(): BenchResult[] {
  const paper = paperParameters();
  const converged = new VegaQuoter({ ...paper, nodes: 641, steps: 200 }).solve().value(0);
  const oneRow = solves(paper, 15);
  // What the published scheme needs to come within 1e-4 of the converged value.
  const published = solves({ ...paper, nodes: 321, steps: 880, scheme: 'monotone' }, 3);
  const errorOf = (value: number): string => `${((value / converged - 1) * 1e6).toFixed(0)} ppm`;
  const plane = solves({ ...paper, variance: PAPER_VARIANCE, nodes: 40, steps: 180, scheme: 'monotone' }, 5);
  const quoter = new VegaQuoter(paper).solve();
  const bids = new Float64Array(paper.options.length);
  const asks = new Float64Array(paper.options.length);
  const quotes = nanoseconds(5000, (call) => {
    quoter.distances(bids, asks, (call % 100) * 1e5 - 5e6);
    return asks[0]!;
  });
  return [
    {
      name: 'vega inventory, 20 options, one dimension',
      unit: 'ms',
      value: oneRow.median,
      peer: 'published scheme, 321 nodes',
      peerValue: published.median,
      ratio: published.median / oneRow.median,
      note: `first solve ${oneRow.first.toFixed(1)} ms; error ${errorOf(oneRow.value)}, the peer's ${errorOf(published.value)}`,
    },
    {
      name: 'vega inventory, published grid 180 x 30 x 40',
      unit: 'ms',
      value: plane.median,
      note: `value of the flat book ${plane.value.toFixed(1)}`,
    },
    { name: '40 quotes from the value function', unit: 'ns', value: quotes },
  ];
}

function closedFormQuotes(): BenchResult[] {
  const table = new GlftTable(30);
  return [
    {
      name: 'Avellaneda-Stoikov quotes',
      unit: 'ns',
      value: nanoseconds(
        20_000,
        (call) => avellanedaStoikovQuotes({ sigma: 1, k: 0.3, gamma: 0.01, q: call & 7, T: 1 }).bidDistance,
      ),
    },
    {
      name: 'GLFT quotes, closed form',
      unit: 'ns',
      value: nanoseconds(
        20_000,
        (call) => glftQuotes({ sigma: 1, A: 0.2, k: 0.3, gamma: 0.01, q: call & 7 }).bidDistance,
      ),
    },
    {
      name: 'GLFT, all quotes of 61 inventories, stationary',
      unit: 'ns',
      value: nanoseconds(500, (call) => {
        table.solve(1 + (call & 7) * 0.01, 0.2, 0.3, 0.01, 0.01);
        return table.bidDistances[30]!;
      }),
    },
    {
      name: 'GLFT, all quotes of 61 inventories, 60 s to go',
      unit: 'ns',
      value: nanoseconds(200, (call) => {
        table.solve(1 + (call & 7) * 0.01, 0.2, 0.3, 0.01, 0.01, 60);
        return table.bidDistances[30]!;
      }),
    },
  ];
}

function riskMaths(): BenchResult[] {
  const out = new Float64Array(PNL_COUNT);
  const workspace = new Float64Array(ATTRIBUTION_WORKSPACE);
  const count = 300;
  const book = {
    quantity: new Float64Array(count).fill(2),
    forward: new Float64Array(count).fill(60_000),
    strike: Float64Array.from({ length: count }, (_, i) => 30_000 + 200 * i),
    years: Float64Array.from({ length: count }, (_, i) => 0.02 + (i % 7) * 0.05),
    sigma: new Float64Array(count).fill(0.6),
    isCall: Uint8Array.from({ length: count }, (_, i) => i & 1),
  };
  const spots = Float64Array.from({ length: 21 }, (_, i) => (i - 10) * 0.02);
  const vols = Float64Array.from({ length: 9 }, (_, i) => (i - 4) * 0.1);
  const grid = new Float64Array(spots.length * vols.length);
  return [
    {
      name: 'profit of an option by Greek',
      unit: 'ns',
      value: nanoseconds(10_000, (call) => {
        attributeOptionPnl(out, workspace, 60_000, 0.6, 0.1, 60_000 + call, 0.61, 0.099, 66_000, true, 3);
        return out[6]!;
      }),
    },
    {
      name: 'scenario grid 21 x 9, 300 options, per revaluation',
      unit: 'ns',
      value:
        nanoseconds(2, () => {
          fillScenarioGrid(grid, book, spots, vols, 0, 0, true);
          return grid[0]!;
        }) /
        (grid.length * count),
    },
  ];
}

/** Quoting and risk maths; the solver's bar is 50 ms for one dimension. */
export const suite: BenchSuite = (progress) => {
  progress('options market making with vega inventory');
  const results = vegaQuoter();
  progress('closed-form quotes');
  results.push(...closedFormQuotes());
  progress('risk');
  results.push(...riskMaths());
  return results;
};
