import { black } from '../../pages/black.js';

/** Where the invented market begins: 2026-01-02 00:00 UTC, microseconds since the Unix epoch. */
export const START = 1_767_312_000_000_000;
export const DAY = 86_400e6;
export const coins = [
  { name: 'BTC', index: 98_000, step: 2000 },
  { name: 'ETH', index: 3400, step: 100 },
];
export const days = [1, 7, 28, 91];
export const STRIKES = 21;

export interface Option {
  id: number;
  coin: number;
  day: number;
  strike: number;
  isCall: boolean;
}

/** Every option of the market; ids count from 10. */
export const options: readonly Option[] = coins.flatMap((coin, place) =>
  days.flatMap((day, d) =>
    Array.from({ length: STRIKES }, (_, s) => coin.index + (s - (STRIKES - 1) / 2) * coin.step).flatMap((strike, s) =>
      [true, false].map((isCall, right) => ({
        id: 10 + ((place * days.length + d) * STRIKES + s) * 2 + right,
        coin: place,
        day,
        strike,
        isCall,
      })),
    ),
  ),
);

/** What an option is worth in a step, of which numbers follow alone: no clock, no chance. */
export function worth({ coin, day, strike, isCall }: Option, step: number) {
  const { index } = coins[coin]!;
  const forward = index * (1 + 0.0004 * Math.sin(step / 7) + 0.02 * (day / 365));
  const years = day / 365;
  const k = Math.log(strike / forward) / Math.sqrt(years);
  const vol =
    0.46 +
    0.03 * Math.sqrt(years) -
    0.04 * Math.tanh(k) +
    (0.06 * k * k) / (1 + 0.5 * Math.abs(k)) +
    0.002 * Math.sin(step / 11);
  return { forward, years, vol, ...black(forward, strike, years, vol, isCall) };
}

export const tick = (price: number) => Math.max(0.0001, Math.round(price / 0.0001) * 0.0001);
const months = ['JAN', 'FEB', 'MAR', 'APR'];
export const dayName = (day: number) => {
  const date = new Date(START / 1000 + day * 86_400_000);
  return `${date.getUTCDate()}${months[date.getUTCMonth()]}${String(date.getUTCFullYear()).slice(2)}`;
};
