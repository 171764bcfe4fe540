const LOW = -37;
const HIGH = 27;
const PER_UNIT = 16;
/** omega(x) and its derivative omega / (1 + omega) at LOW, LOW + 1/16, ... HIGH: where the iteration starts. */
const starts = new Float64Array(2 * ((HIGH - LOW) * PER_UNIT + 1));

for (let place = 0; place < starts.length / 2; place++) {
  const x = LOW + place / PER_UNIT;
  let omega = x < 1 ? Math.log1p(Math.exp(x)) : x - Math.log(x) + 0.5;
  for (let round = 0; round < 4; round++) omega = improved(omega, x);
  starts[2 * place] = omega;
  starts[2 * place + 1] = omega / (1 + omega);
}

/** One step of fourth order towards omega + ln omega = x. */
function improved(omega: number, x: number): number {
  const residual = x - omega - Math.log(omega);
  const one = 1 + omega;
  const turn = one * (one + 0.6666666666666666 * residual);
  return omega * (1 + (residual * (turn - 0.5 * residual)) / (one * (turn - residual)));
}

/**
 * Wright's omega function, omega(x) = W(e^x): the root of omega + ln omega = x, in place over `values[0 .. count)`.
 *
 * A tangent from the nearest sixteenth, then one step of fourth order, whose error r^4 / 72 is below rounding there; relative
 * error within (2 + |x| / (1 + omega)) 2^-52, what a double x determines. -Infinity gives 0; Infinity and NaN themselves.
 *
 * In arrays because a number returned from a function as long as this one would be boxed.
 * Source: Fritsch, Shafer and Crowley, Communications of the ACM 16 (1973), algorithm 443; Lawrence, Corless and Jeffrey, ACM
 * Transactions on Mathematical Software 38 (2012), algorithm 917.
 */
export function wrightOmega(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const x = values[i]!;
    if (x > LOW && x < HIGH) {
      const place = Math.round((x - LOW) * PER_UNIT);
      const start = starts[2 * place]! + starts[2 * place + 1]! * (x - (LOW + place / PER_UNIT));
      values[i] = improved(start, x);
    } else if (x <= LOW) {
      values[i] = Math.exp(x);
    } else if (x < 1e17) {
      const log = Math.log(x);
      values[i] = improved(improved(x - log + log / x, x), x);
    }
  }
}
