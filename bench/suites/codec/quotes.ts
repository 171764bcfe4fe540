/** Quotes as columns: what a feed handler holds in hand when it encodes, and what a stage wants when it decodes. */
export const QUOTE_COUNT = 1024;
const DOUBLES = 10;

/** The ten doubles of each quote, row by row: plausible BTC option prices, deterministic. */
export const quoteValues = new Float64Array(QUOTE_COUNT * DOUBLES);

for (let quote = 0; quote < QUOTE_COUNT; quote++) {
  const forward = 97_000 + (quote % 97) * 12.5;
  const mark = 0.0125 + (quote % 50) * 0.0005;
  quoteValues.set(
    // Every sixteenth quote has no bid.
    [
      quote % 16 === 0 ? Number.NaN : mark - 0.0005,
      12.5 + (quote % 7),
      mark + 0.0005,
      8.5 + (quote % 5),
      mark,
      0.55 + (quote % 20) * 0.005,
      forward,
      forward - 3.25,
      80_000_000_000 + quote,
      125.5,
    ],
    quote * DOUBLES,
  );
}
