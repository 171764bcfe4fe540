import { Command } from 'commander';
import {
  black76Greeks,
  DERIBIT_GREEK,
  DERIBIT_GREEK_COUNT,
  deribitGreeks,
  GREEK,
  GREEK_COUNT,
  inverseGreeks,
} from '../../quant/index.js';
import { InputError, readCsv } from '../csv.js';
import { parseIsCall, parsePositive, parseVol, parseYears } from '../option-fields.js';
import { figure, formatTable } from '../table.js';

const COLUMNS = ['forward', 'strike', 'years', 'vol', 'type'] as const;

interface Contract {
  forward: number;
  strike: number;
  years: number;
  vol: number;
  type: 'call' | 'put';
}

type Greeks = Record<string, number>;

interface PricedContract extends Contract {
  /** In the currency of the forward. */
  linear: Greeks;
  /** In coin. */
  inverse: Greeks;
  /** As the venue shows them. */
  deribit: Greeks;
}

const UNITS: Record<keyof typeof GREEK, string> = {
  price: '',
  delta: '',
  gamma: '',
  vega: 'per 1.00 of vol',
  theta: 'per year',
  rho: 'per 1.00 of rate',
  vanna: 'per 1.00 of vol',
  volga: 'per 1.00 of vol, twice',
  charm: 'per year',
  speed: '',
  colour: 'per year',
  ultima: 'per 1.00 of vol, thrice',
};

function contractOf(fields: Record<string, string>, place: string): Contract {
  return {
    forward: parsePositive(fields.forward!, place, 'forward'),
    strike: parsePositive(fields.strike!, place, 'strike'),
    years: parseYears(fields.years!, place),
    vol: parseVol(fields.vol!, place),
    type: parseIsCall(fields.type!, place) ? 'call' : 'put',
  };
}

function named(places: Record<string, number>, values: Float64Array): Greeks {
  return Object.fromEntries(Object.entries(places).map(([name, place]) => [name, values[place]!]));
}

function priceContract(contract: Contract): PricedContract {
  const { forward, strike, years, vol, type } = contract;
  const linear = new Float64Array(GREEK_COUNT);
  const inverse = new Float64Array(GREEK_COUNT);
  const deribit = new Float64Array(DERIBIT_GREEK_COUNT);
  black76Greeks(linear, forward, strike, years, vol, type === 'call');
  inverseGreeks(inverse, forward, strike, years, vol, type === 'call');
  deribitGreeks(deribit, forward, strike, years, vol, type === 'call');
  return {
    ...contract,
    linear: named(GREEK, linear),
    inverse: named(GREEK, inverse),
    deribit: named(DERIBIT_GREEK, deribit),
  };
}

function oneTable({ forward, strike, years, vol, type, linear, inverse, deribit }: PricedContract): string {
  const title = `${type} ${figure(strike)} on a forward of ${figure(forward)}, ${figure(years)} years, vol ${figure(100 * vol)} %\n`;
  const rows = Object.entries(UNITS).map(([name, unit]) => [
    name,
    figure(linear[name]!),
    figure(inverse[name]!),
    name in deribit ? figure(deribit[name]!) : '',
    unit,
  ]);
  return title + formatTable(['', 'linear', 'inverse (coin)', 'as Deribit shows', ''], rows);
}

function chainTable(priced: readonly PricedContract[], inverse: boolean): string {
  const shown = ['price', 'delta', 'gamma', 'vega', 'theta', 'vanna', 'volga'];
  const rows = priced.map((option) => {
    const greeks = inverse ? option.inverse : option.linear;
    const { forward, strike, years, vol, type } = option;
    return [type, ...[strike, forward, years, vol].map(figure), ...shown.map((name) => figure(greeks[name]!))];
  });
  return formatTable(['type', 'strike', 'forward', 'years', 'vol', ...shown], rows);
}

/** `volfilter price`: one option by arguments, or a CSV file of them. */
export function priceCommand(): Command {
  return new Command('price')
    .description('price and Greeks of options on a forward (Black-76), settled in currency or in coin')
    .argument('[forward]', 'forward of the expiry, such as 65000')
    .argument('[strike]', 'strike, such as 70000')
    .argument('[time]', 'time to expiry: 0.25 (years), 30d, 12h or 5m')
    .argument('[vol]', 'volatility: 0.55 or 55%')
    .argument('[type]', 'call or put')
    .option('--csv <file>', `read options from a file with the columns ${COLUMNS.join(',')}; - for standard input`)
    .option('--inverse', 'with --csv: show coin prices and Greeks instead of linear ones')
    .option('--json', 'print JSON: both settlements and the Greeks as Deribit shows them')
    .addHelpText('after', '\nExample: volfilter price 65000 70000 30d 55% call')
    .action(
      (
        forward: string | undefined,
        strike: string | undefined,
        years: string | undefined,
        vol: string | undefined,
        type: string | undefined,
        options: { csv?: string; inverse?: boolean; json?: boolean },
        command: Command,
      ) => {
        try {
          if (options.csv !== undefined) {
            if (forward !== undefined) throw new InputError('give either arguments or --csv, not both');
            const rows = readCsv(options.csv, COLUMNS);
            const priced = rows.map(({ fields, place }) => priceContract(contractOf(fields, place)));
            process.stdout.write(
              options.json ? `${JSON.stringify(priced, null, 2)}\n` : chainTable(priced, options.inverse === true),
            );
            return;
          }
          if (
            forward === undefined ||
            strike === undefined ||
            years === undefined ||
            vol === undefined ||
            type === undefined
          ) {
            throw new InputError(
              'expected forward, strike, time, vol and type, or --csv <file>; see volfilter price --help',
            );
          }
          const priced = priceContract(contractOf({ forward, strike, years, vol, type }, 'arguments'));
          process.stdout.write(options.json ? `${JSON.stringify(priced, null, 2)}\n` : oneTable(priced));
        } catch (error) {
          if (error instanceof InputError) command.error(`error: ${error.message}`);
          throw error;
        }
      },
    );
}
