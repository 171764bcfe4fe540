/** Name of a currency in two words of four bytes. */
export function currencyName(first: number, second: number): string {
  const letters = [0, 8, 16, 24]
    .flatMap((shift) => [(first >> shift) & 255])
    .concat([0, 8, 16, 24].map((shift) => (second >> shift) & 255));
  return String.fromCharCode(...letters.filter((letter) => letter !== 0));
}

/** A part of a profit in USD at the index now, so that coins and rows can be compared. A profit of nothing has no rate: its parts are nothing too. */
export function usdOf(row: { total(): number; totalUsd(): number }, part: number): number {
  return row.total() === 0 ? part : (part * row.totalUsd()) / row.total();
}
