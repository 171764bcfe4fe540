/** A smile for the terminal: bid-ask bars of the quotes and the fitted curve. */
export interface SmilePlot {
  /** Quotes from the lowest strike, vols as fractions; NaN for an empty side. */
  quotes: readonly { K: number; bidIv: number; askIv: number }[];
  vol: (K: number) => number;
  F: number;
}

const WIDTH = 72;
const HEIGHT = 18;

/** Draws the curve with `o`, bid-ask bars with `|`, both with `O`, the forward with `^`; strikes are spaced by their logarithm. */
export function drawSmile({ quotes, vol, F }: SmilePlot): string {
  const shown = quotes.filter(({ bidIv, askIv }) => bidIv > 0 && askIv > 0);
  const low = Math.log(shown[0]!.K);
  const high = Math.max(Math.log(shown.at(-1)!.K), low + 1e-3);
  const column = (K: number): number => Math.round(((Math.log(K) - low) / (high - low)) * (WIDTH - 1));
  const curve = Array.from({ length: WIDTH }, (_, x) => vol(Math.exp(low + ((high - low) * x) / (WIDTH - 1))));
  const floor = Math.min(...curve, ...shown.map(({ bidIv }) => bidIv));
  const top = Math.max(...curve, ...shown.map(({ askIv }) => askIv), floor + 1e-3);
  const row = (level: number): number => Math.round(((top - level) / (top - floor)) * (HEIGHT - 1));
  const canvas = Array.from({ length: HEIGHT }, () => new Array<string>(WIDTH).fill(' '));
  for (const { K, bidIv, askIv } of shown) for (let y = row(askIv); y <= row(bidIv); y++) canvas[y]![column(K)] = '|';
  curve.forEach((level, x) => {
    const cells = canvas[row(level)]!;
    cells[x] = cells[x] === '|' ? 'O' : 'o';
  });
  const lines = canvas.map((cells, y) => {
    const label = y % 4 === 0 ? `${((top - ((top - floor) * y) / (HEIGHT - 1)) * 100).toFixed(1)}%` : '';
    return `${label.padStart(8)} ${cells.join('').trimEnd()}`;
  });
  const forward = column(Math.min(Math.max(F, shown[0]!.K), shown.at(-1)!.K));
  const left = String(shown[0]!.K);
  const right = String(shown.at(-1)!.K);
  return [
    ...lines,
    `${' '.repeat(9)}${' '.repeat(forward)}^`,
    `${' '.repeat(9)}${left}${right.padStart(WIDTH - left.length)}`,
    '',
  ].join('\n');
}
