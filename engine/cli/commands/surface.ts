import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { type Chain, type ChainExpiry, parseChains } from '../../market/chain-csv.js';
import { type FittedSlice, fitSurface, type SurfaceFit, smileMetrics } from '../../quant/surface/index.js';
import { drawSmile } from './surface/smile-plot.js';

interface SurfaceOptions {
  currency?: string;
  at?: string;
  expiry?: string;
  json?: boolean;
}

/** `volfilter surface <file>`: fits the chain in a CSV file, prints what the smiles say and draws one. */
export function surfaceCommand(): Command {
  return new Command('surface')
    .description('fit a volatility surface without arbitrage to an option chain')
    .argument(
      '<file>',
      'CSV, also gzipped: expiry,T,forward,strike,type,bid_iv,ask_iv or the venue columns ts_ms,instrument,bid,ask,mark_iv,underlying',
    )
    .option('--currency <name>', 'underlying, where the file has several')
    .option(
      '--at <time>',
      'ISO time or ms: the last chain not after it, where the file has several (default: the last)',
    )
    .option('--expiry <label>', 'the expiry to draw (default: the one nearest to 30 days)')
    .option('--json', 'print parameters and metrics as JSON')
    .action((file: string, options: SurfaceOptions, command: Command) => {
      try {
        process.stdout.write(report(choose(parseChains(read(file)), options), options));
      } catch (error) {
        if (error instanceof RangeError || isFileError(error)) command.error(`error: ${error.message}`);
        throw error;
      }
    });
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function read(file: string): string {
  const bytes = readFileSync(file);
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
}

function choose(chains: readonly Chain[], { currency, at }: SurfaceOptions): Chain {
  const until = at === undefined ? Number.POSITIVE_INFINITY : /^\d+$/.test(at) ? Number(at) : Date.parse(at);
  if (Number.isNaN(until)) throw new RangeError(`--at must be an ISO time or milliseconds, found '${at}'`);
  const fitting = chains.filter(
    (chain) => (currency === undefined || chain.currency === currency) && !(chain.time > until),
  );
  const chain = fitting.reduce<Chain | undefined>(
    (last, next) => (last === undefined || next.time > last.time ? next : last),
    undefined,
  );
  if (chain === undefined) {
    const known = [...new Set(chains.map((each) => each.currency))].join(', ');
    throw new RangeError(`the file has no such chain; its currencies are: ${known}`);
  }
  return chain;
}

/** Two-sided quotes of an expiry and how many of them the fit leaves inside. */
function insideOf(expiry: ChainExpiry, slice: FittedSlice): { quotes: number; inside: number } {
  const quotes = expiry.quotes.filter(({ bidIv, askIv }) => bidIv > 0 && askIv >= bidIv);
  const inside = quotes.filter(({ K, bidIv, askIv }) => {
    const vol = slice.impliedVol(K);
    return vol >= bidIv && vol <= askIv;
  });
  return { quotes: quotes.length, inside: inside.length };
}

function report(chain: Chain, options: SurfaceOptions): string {
  const fit = fitSurface({ slices: chain.expiries });
  const rows = fit.slices.map((slice) => {
    const expiry = chain.expiries.find(({ T }) => T === slice.T)!;
    return { expiry, slice, metrics: smileMetrics(slice), ...insideOf(expiry, slice) };
  });
  if (options.json) return `${JSON.stringify(asJson(chain, fit, rows), null, 2)}\n`;
  const drawn =
    options.expiry === undefined
      ? rows.reduce((best, row) => (Math.abs(row.slice.T - 30 / 365) < Math.abs(best.slice.T - 30 / 365) ? row : best))
      : rows.find(({ expiry }) => expiry.label === options.expiry);
  if (drawn === undefined) {
    throw new RangeError(
      `no fitted expiry is called '${options.expiry}'; there are: ${rows.map(({ expiry }) => expiry.label).join(', ')}`,
    );
  }
  const percent = (value: number): string => (Number.isNaN(value) ? '-' : (100 * value).toFixed(2));
  const table = [
    ['expiry', 'days', 'forward', 'atm %', 'skew', 'rr25 %', 'bf25 %', 'quotes', 'inside'],
    ...rows.map(({ expiry, slice, metrics, quotes, inside }) => [
      expiry.label,
      (slice.T * 365).toFixed(2),
      slice.F.toFixed(2),
      percent(metrics.atmVol),
      metrics.skew.toFixed(3),
      percent(metrics.riskReversal25),
      percent(metrics.butterfly25),
      String(quotes),
      String(inside),
    ]),
  ];
  const name = chain.currency === '' ? '' : `${chain.currency} ${new Date(chain.time).toISOString()}  `;
  return [
    `${name}${fit.slices.length} expiries, ${(100 * fit.insideShare).toFixed(1)} % of quotes inside bid and ask, ${fit.rmseBp.toFixed(1)} bp from mid`,
    `arbitrage: ${fit.violations.butterfly} butterfly, ${fit.violations.calendar} calendar; left out: ${fit.rejected.length}`,
    '',
    formatTable(table),
    '',
    `${drawn.expiry.label}  (o fit, | bid to ask, O both)`,
    drawSmile({ quotes: drawn.expiry.quotes, vol: (K) => drawn.slice.impliedVol(K), F: drawn.slice.F }),
  ].join('\n');
}

function formatTable(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    )
    .join('\n');
}

function asJson(
  chain: Chain,
  fit: SurfaceFit,
  rows: readonly { expiry: ChainExpiry; slice: FittedSlice; metrics: object; quotes: number; inside: number }[],
): object {
  return {
    currency: chain.currency,
    time: Number.isNaN(chain.time) ? null : chain.time,
    rmseBp: fit.rmseBp,
    insideShare: fit.insideShare,
    violations: fit.violations,
    carrier: fit.carrier,
    rejected: fit.rejected,
    slices: rows.map(({ expiry, slice, metrics, quotes, inside }) => ({
      expiry: expiry.label,
      T: slice.T,
      F: slice.F,
      quotes,
      inside,
      metrics,
      params: slice.params,
    })),
  };
}
