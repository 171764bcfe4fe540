import { Tenor, type TenorCode } from './calendar.js';
import type { CurrencyParameters } from './parameters.js';

/** Round numbers by which a step is made coarser. */
const COARSER = [1, 2, 5, 10, 20, 50, 100];

/** How much coarser than the shortest expiries' a tenor's strikes are. */
const OF_TENOR: Record<TenorCode, number> = {
  [Tenor.DAILY]: 1,
  [Tenor.WEEKLY]: 2,
  [Tenor.MONTHLY]: 2,
  [Tenor.QUARTERLY]: 4,
};

/** Standard deviations on each side that strikes cover: at even spacing near the money, and in all. */
const NEAR = 1.5;
const REACH = 4.2;

/**
 * The strikes of an expiry: even steps around the money and wider ones further out, all round numbers, up to a few standard deviations.
 *
 * @param deviation standard deviation of the logarithm of the price at expiry
 * @param count how many, at least 8
 */
export function strikesAround(
  forward: number,
  deviation: number,
  count: number,
  tenor: TenorCode,
  { strikeSteps }: Pick<CurrencyParameters, 'strikeSteps'>,
): number[] {
  const base = strikeSteps.find(({ below }) => forward < below)!.step * OF_TENOR[tenor];
  const half = count / 2;
  const near = Math.max(1, Math.round(half * 0.6));
  const wanted = (forward * NEAR * deviation) / near;
  const step = base * (COARSER.find((multiple) => base * multiple >= wanted * 0.75) ?? 100);
  const centre = Math.round(forward / step) * step;
  const strikes = [centre];
  for (const direction of [-1, 1]) {
    let strike = centre;
    for (let place = 1; place <= Math.floor(direction < 0 ? half : half - 0.5); place++) {
      let next = strike + direction * step;
      if (place > near) {
        // The rest of the way to the last strike in equal parts of its logarithm, on round numbers.
        const end = forward * Math.exp(direction * REACH * deviation);
        const target = strike * Math.exp(Math.log(end / strike) / (Math.floor(half) - place + 1));
        const gap = Math.max(step, Math.abs(target - strike));
        const wide = step * (COARSER.findLast((multiple) => step * multiple <= gap) ?? 1);
        next = Math.round(target / wide) * wide;
        if ((next - strike) * direction < step) next = strike + direction * step;
      }
      if (next <= 0) break;
      strike = next;
      strikes.push(strike);
    }
  }
  return strikes.sort((a, b) => a - b);
}
