import type { PriceBars } from '../engine/market/volatility-filter/index.js';
import { normalShocks } from '../engine/testing/random.js';

export const YEAR_MINUTES = 365 * 1440;
const BAR_MS = 60_000;

/** One year of minutes of a market whose volatility wanders. */
export function yearOfMinutes(): PriceBars {
  const shocks = normalShocks(2 * YEAR_MINUTES, 1);
  const column = (): Float64Array => new Float64Array(YEAR_MINUTES);
  const bars = { time: column(), open: column(), high: column(), low: column(), close: column() };
  let price = 40_000;
  let logVol = 0;
  for (let i = 0; i < YEAR_MINUTES; i++) {
    logVol += -0.002 * logVol + 0.03 * shocks[2 * i]!;
    const deviation = 5e-4 * Math.exp(logVol);
    bars.time[i] = Date.UTC(2025, 0, 1) + i * BAR_MS;
    bars.open[i] = price;
    price *= Math.exp(deviation * shocks[2 * i + 1]!);
    bars.close[i] = price;
    bars.high[i] = Math.max(bars.open[i]!, price) * (1 + 0.3 * deviation);
    bars.low[i] = Math.min(bars.open[i]!, price) * (1 - 0.3 * deviation);
  }
  return bars;
}

/** The same bars as a file of an exchange holds them. */
export function yearAsCsv(): string {
  const { time, open, high, low, close } = yearOfMinutes();
  const lines = ['time,open,high,low,close'];
  for (let i = 0; i < YEAR_MINUTES; i++) {
    const prices = [open, high, low, close].map((column) => column[i]!.toFixed(2)).join(',');
    lines.push(`${new Date(time[i]!).toISOString().slice(0, 19).replace('T', ' ')},${prices}`);
  }
  return `${lines.join('\n')}\n`;
}
