import { cell, MONEYNESS, TOTAL_VOL } from '../black76/kernel.js';
import { CEILING, TIME_VALUE, VALUE } from './cell.js';

/**
 * A first total volatility s for the out-of-the-money value in the cell: within 3e-5 where options are quoted (|x| < 1.5,
 * s below about 1.6), so that one high-order step ends at the last bits; elsewhere a start from which the steps converge.
 *
 * There it is the normal (Bachelier) model that is inverted: with D = 2 sinh(|x|/2), the distance to the strike in units of
 * sqrt(F K), the value is D (n(a)/a - N(-a)) for a = D/s_normal. Two rationals give a, in eta = D/value near the money and
 * in sqrt(2 ln eta) further out; a short series in s and x turns the normal volatility into the log-normal one (the
 * expansion of Hagan and Woodward, 1999, refitted for s that are not small). The fits were made for this file.
 */
export function guessTotalVol(): void {
  const x = cell[MONEYNESS]!;
  if (x < 1.5) {
    const value = cell[VALUE]!;
    const y = x * x;
    const distanceOverX = 1 + (y / 24) * (1 + (y / 80) * (1 + y / 168));
    const eta = (distanceOverX * x) / value;
    let v: number;
    if (eta < 12) {
      const p = 0.3989396319 + eta * (0.2796728885 + eta * (0.0302829059 + eta * 0.00010841172));
      const q = 1 + eta * (1.20080450964 + eta * (0.34803405054 + eta * 0.01974375024));
      v = (value * q) / (distanceOverX * p);
    } else {
      const r = Math.sqrt(2 * Math.log(eta));
      const p = -0.4848131402 + r * (1.2261975129 + r * (-0.6663973141 + r * (0.1539110688 + r * 0.0301900779)));
      const q = 1 + r * (-0.3239017421 + r * (0.1560594981 + r * 0.0301803467));
      v = (x * q) / p;
    }
    if (v < 1.45) {
      const w = v * v;
      const p =
        1 +
        w *
          (-0.1175434018 +
            y * (-0.00034878616 + y * 0.0000058441862) +
            w * (-0.0028472137 - y * 0.0000036600978 - w * 0.000281524596));
      cell[TOTAL_VOL] = (v * p) / (1 - 0.15915494309189535 * w);
      return;
    }
  }
  // Far out the value is nearly N(d1) of its ceiling. At large volatility the distance to the ceiling is between one and two
  // times N(-d1) of it; with two the start lies above the root, from where the steps approach it from one side.
  const ceiling = cell[CEILING]!;
  const timeValue = cell[TIME_VALUE]!;
  const low = timeValue < 0.5 * ceiling;
  const r = Math.sqrt(-2 * Math.log((low ? timeValue : 0.5 * (ceiling - timeValue)) / ceiling));
  // |d1| to 4.5e-4 (Hastings; Abramowitz and Stegun 26.2.23).
  const d1 = r - (2.515517 + r * (0.802853 + r * 0.010328)) / (1 + r * (1.432788 + r * (0.189269 + r * 0.001308)));
  const root = Math.sqrt(d1 * d1 + 2 * x);
  cell[TOTAL_VOL] = low ? (2 * x) / (root + d1) : root + d1;
}
