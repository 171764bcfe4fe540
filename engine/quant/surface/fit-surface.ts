import { fitCarriers } from './carrier-fit.js';
import { prepareQuotes, type SurfaceQuotes } from './quotes.js';
import { buildProblem, placeKnots, ResidualSolver } from './residual-fit.js';
import { SMILE, SMILE_STRIDE, SPLINE_SIZE } from './smile.js';

export function fitRaw(input: SurfaceQuotes) {
  const quotes = prepareQuotes(input);
  const smiles = new Float64Array(quotes.slices * SMILE_STRIDE);
  fitCarriers(quotes, smiles, false);
  placeKnots(quotes, smiles);
  const solver = new ResidualSolver(buildProblem(quotes, smiles));
  solver.solve();
  for (let s = 0; s < quotes.slices; s++)
    for (let j = 0; j < SPLINE_SIZE; j++) smiles[s * SMILE_STRIDE + SMILE.residual + j] = solver.c[s * SPLINE_SIZE + j]!;
  return { quotes, smiles, solver };
}
