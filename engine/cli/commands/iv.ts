import { Command } from 'commander';
import {
  IMPLIED_VOL,
  IMPLIED_VOL_CODE,
  type ImpliedVolCode,
  solveImpliedVol,
  solveInverseImpliedVol,
} from '../../quant/index.js';
import { InputError, readCsv } from '../csv.js';
import { parseIsCall, parseNumber, parsePositive, parseYears } from '../option-fields.js';
import { figure, formatTable } from '../table.js';

const COLUMNS = ['price', 'forward', 'strike', 'years', 'type'] as const;

interface Quote {
  price: number;
  forward: number;
  strike: number;
  years: number;
  type: 'call' | 'put';
}

interface SolvedQuote extends Quote {
  /** A fraction, or null where there is none. */
  vol: number | null;
  /** How far one tick of the price moves it. */
  perTick: number | null;
  result: keyof typeof IMPLIED_VOL_CODE;
}

const MEANINGS: Record<keyof typeof IMPLIED_VOL_CODE, string> = {
  found: '',
  belowIntrinsic: 'below the intrinsic value',
  aboveMaximum: 'at or above the maximum',
  notDeterminable: 'not determinable from this price',
  invalid: 'invalid',
};

function quoteOf(fields: Record<string, string>, place: string): Quote {
  return {
    price: parseNumber(fields.price!, place, 'price'),
    forward: parsePositive(fields.forward!, place, 'forward'),
    strike: parsePositive(fields.strike!, place, 'strike'),
    years: parseYears(fields.years!, place),
    type: parseIsCall(fields.type!, place) ? 'call' : 'put',
  };
}

function nameOf(code: ImpliedVolCode): keyof typeof IMPLIED_VOL_CODE {
  const names = Object.keys(IMPLIED_VOL_CODE) as (keyof typeof IMPLIED_VOL_CODE)[];
  return names.find((name) => IMPLIED_VOL_CODE[name] === code)!;
}

function solve(quote: Quote, inverse: boolean, tick: number): SolvedQuote {
  const out = new Float64Array(2);
  const solver = inverse ? solveInverseImpliedVol : solveImpliedVol;
  const { price, forward, strike, years, type } = quote;
  const code = solver(out, price, forward, strike, years, type === 'call', tick);
  const found = code === IMPLIED_VOL_CODE.found;
  return {
    ...quote,
    vol: found ? out[IMPLIED_VOL.vol]! : null,
    perTick: found ? out[IMPLIED_VOL.perTick]! : null,
    result: nameOf(code),
  };
}

function table(quotes: readonly SolvedQuote[]): string {
  const rows = quotes.map(({ price, forward, strike, years, type, vol, perTick, result }) => [
    type,
    ...[strike, forward, years, price].map(figure),
    vol === null ? '-' : `${(100 * vol).toFixed(4)} %`,
    perTick === null ? '-' : `${figure(100 * perTick)} %`,
    MEANINGS[result],
  ]);
  return formatTable(['type', 'strike', 'forward', 'years', 'price', 'implied vol', 'per tick', ''], rows);
}

/** `volfilter iv`: the volatility in one price by arguments, or in a CSV file of them. */
export function ivCommand(): Command {
  return new Command('iv')
    .description('implied volatility of option prices, and how far one tick moves it')
    .argument('[price]', 'price of the option, in the currency of the forward (in coin with --inverse)')
    .argument('[forward]', 'forward of the expiry, such as 65000')
    .argument('[strike]', 'strike, such as 70000')
    .argument('[time]', 'time to expiry: 0.25 (years), 30d, 12h or 5m')
    .argument('[type]', 'call or put')
    .option('--csv <file>', `read prices from a file with the columns ${COLUMNS.join(',')}; - for standard input`)
    .option('--inverse', 'prices are in coin')
    .option('--tick <size>', 'smallest move of the price (default: 0.0001 coin, or 1 without --inverse)')
    .option('--json', 'print JSON; vol is null where a price has none, and result says why')
    .addHelpText('after', '\nExample: volfilter iv 0.0285 65000 70000 30d call --inverse')
    .action(
      (
        price: string | undefined,
        forward: string | undefined,
        strike: string | undefined,
        years: string | undefined,
        type: string | undefined,
        options: { csv?: string; inverse?: boolean; tick?: string; json?: boolean },
        command: Command,
      ) => {
        try {
          const inverse = options.inverse === true;
          const tick = parsePositive(options.tick ?? (inverse ? '0.0001' : '1'), 'arguments', '--tick');
          if (options.csv !== undefined) {
            if (price !== undefined) throw new InputError('give either arguments or --csv, not both');
            const solved = readCsv(options.csv, COLUMNS).map(({ fields, place }) =>
              solve(quoteOf(fields, place), inverse, tick),
            );
            process.stdout.write(options.json ? `${JSON.stringify(solved, null, 2)}\n` : table(solved));
            return;
          }
          if (
            price === undefined ||
            forward === undefined ||
            strike === undefined ||
            years === undefined ||
            type === undefined
          ) {
            throw new InputError(
              'expected price, forward, strike, time and type, or --csv <file>; see volfilter iv --help',
            );
          }
          const solved = solve(quoteOf({ price, forward, strike, years, type }, 'arguments'), inverse, tick);
          process.stdout.write(options.json ? `${JSON.stringify(solved, null, 2)}\n` : table([solved]));
        } catch (error) {
          if (error instanceof InputError) command.error(`error: ${error.message}`);
          throw error;
        }
      },
    );
}
