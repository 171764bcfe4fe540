/**
 * SSVI and eSSVI: slices of three numbers whose arbitrage is ruled out by inequalities (Gatheral & Jacquier 2014, Hendriks & Martini 2019).
 *
 *   w(k) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)),  psi = theta phi
 */
export interface EssviSlice {
  /** Total variance at the money. */
  theta: number;
  /** Correlation, -1 < rho < 1. */
  rho: number;
  /** theta phi: sum of the slopes of the two wings. */
  psi: number;
}

/** Total variance of an eSSVI slice at k = ln(K/F). */
export function essviTotalVariance(k: number, { theta, rho, psi }: EssviSlice): number {
  if (!(theta >= 0 && psi >= 0 && rho >= -1 && rho <= 1)) return Number.NaN;
  return 0.5 * (theta + rho * psi * k + Math.sqrt(psi * psi * k * k + 2 * rho * psi * theta * k + theta * theta));
}

/** Gatheral & Jacquier's sufficient conditions (theorem 4.2): psi (1 + |rho|) < 4 and psi^2 (1 + |rho|) <= 4 theta. */
export function essviButterflyFree({ theta, rho, psi }: EssviSlice): boolean {
  const steep = 1 + Math.abs(rho);
  return theta > 0 && psi >= 0 && steep <= 2 && psi * steep < 4 && psi * psi * steep <= 4 * theta;
}

/**
 * Sufficient conditions for no calendar arbitrage between two slices: theta and both wing slopes psi (1 +- rho) do not fall, and
 * phi = psi / theta does not rise.
 */
export function essviCalendarFree(earlier: EssviSlice, later: EssviSlice): boolean {
  return (
    later.theta >= earlier.theta &&
    later.psi * (1 + later.rho) >= earlier.psi * (1 + earlier.rho) &&
    later.psi * (1 - later.rho) >= earlier.psi * (1 - earlier.rho) &&
    later.psi * earlier.theta <= earlier.psi * later.theta
  );
}

/** SSVI with the power-law phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma)). */
export interface SsviPowerLaw {
  rho: number;
  eta: number;
  /** 0 < gamma < 1; free of butterfly arbitrage for gamma <= 1/2. */
  gamma: number;
}

/** The slice of an SSVI surface at total variance at the money `theta`. */
export function ssviSlice(theta: number, { rho, eta, gamma }: SsviPowerLaw): EssviSlice {
  // theta^(1 - gamma) without pow, whose last bits differ between platforms.
  const ratio = Math.exp((1 - gamma) * (Math.log(theta) - Math.log1p(theta)));
  return { theta, rho, psi: eta * ratio };
}

/** The power-law surface has no static arbitrage at any theta when eta (1 + |rho|) <= 2 and 0 < gamma <= 1/2 (G&J remark 4.4). */
export function ssviPowerLawFree({ rho, eta, gamma }: SsviPowerLaw): boolean {
  return eta >= 0 && gamma > 0 && gamma <= 0.5 && eta * (1 + Math.abs(rho)) <= 2;
}
