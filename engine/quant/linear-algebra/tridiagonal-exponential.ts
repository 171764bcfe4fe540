/** How much of the matrix one Taylor sum covers: its terms are positive and the largest stays below e^8. */
const REACH = 8;

/**
 * The vector v = exp(-M) 1, where M is the symmetric tridiagonal matrix with `diagonal` and, beside it, minus `couplings`; as
 * logarithms of the ratios of neighbouring components: `logRatios[i] = ln(v[i] / v[i + 1])`.
 *
 * M is shifted until -M has no negative entry (uniformisation), so every sum has positive terms only and every component
 * keeps its relative accuracy, however small it is beside the others. Ends early once the vector stands still,
 * which is when it has become the ground state.
 *
 * Allocates nothing. Inputs that are not finite, or components that leave the range of a double, give NaN or an infinity.
 *
 * @param logRatios receives n - 1 numbers
 * @param diagonal n >= 1 numbers
 * @param couplings n - 1 numbers above 0: `couplings[i]` joins i and i + 1
 * @param workspace 4 n numbers
 */
export function tridiagonalExponentialOfOnes(
  logRatios: Float64Array,
  diagonal: Float64Array,
  couplings: Float64Array,
  workspace: Float64Array,
): void {
  const n = diagonal.length;
  const shifted = 3 * n;
  let least = diagonal[0]!;
  let most = least;
  let reach = 0;
  for (let i = 0; i < n; i++) {
    const value = diagonal[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
    if (i + 1 < n && couplings[i]! > reach) reach = couplings[i]!;
  }
  for (let i = 0; i < n; i++) {
    workspace[i] = 1;
    workspace[shifted + i] = most - diagonal[i]!;
  }
  const steps = Math.ceil((most - least + 2 * reach) / REACH);
  for (let done = 0; done < steps; done++) {
    if (!advance(workspace, couplings, n, steps)) break;
  }
  for (let i = 0; i < n - 1; i++) logRatios[i] = Math.log(workspace[i]! / workspace[i + 1]!);
}

/** Applies one of `steps` equal parts of the exponential, scales the vector to a maximum of 1; whether it still moved. */
function advance(workspace: Float64Array, couplings: Float64Array, n: number, steps: number): boolean {
  const sums = n;
  const terms = 2 * n;
  const shifted = 3 * n;
  for (let i = 0; i < n; i++) {
    workspace[sums + i] = workspace[i]!;
    workspace[terms + i] = workspace[i]!;
  }
  let relative = 1;
  for (let order = 1; relative > 1e-17; order++) {
    const factor = 1 / (steps * order);
    let flow = 0;
    relative = 0;
    for (let i = 0; i < n; i++) {
      const here = workspace[terms + i]!;
      let term = workspace[shifted + i]! * here + flow;
      if (i + 1 < n) {
        flow = couplings[i]! * here;
        term += couplings[i]! * workspace[terms + i + 1]!;
      }
      term *= factor;
      workspace[terms + i] = term;
      const sum = workspace[sums + i]! + term;
      workspace[sums + i] = sum;
      if (term > relative * sum) relative = term / sum;
    }
  }
  let largest = 0;
  for (let i = 0; i < n; i++) if (workspace[sums + i]! > largest) largest = workspace[sums + i]!;
  let moved = 0;
  for (let i = 0; i < n; i++) {
    const next = workspace[sums + i]! / largest;
    const change = Math.abs(next - workspace[i]!);
    if (change > moved * next) moved = change / next;
    workspace[i] = next;
  }
  return moved > 1e-15;
}
