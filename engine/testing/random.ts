/** Repeatable uniform numbers in [0, 1) for tests: a 32-bit linear congruential generator (Numerical Recipes' constants). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Repeatable standard normal shocks (Box and Muller). */
export function normalShocks(count: number, seed: number): number[] {
  const next = uniform(seed);
  return Array.from({ length: count }, () => Math.sqrt(-2 * Math.log1p(-next())) * Math.cos(2 * Math.PI * next()));
}
