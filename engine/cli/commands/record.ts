import { Command, InvalidArgumentError, Option } from 'commander';
import type { ChannelInterval } from '../../../actors/feed/deribit/channels.js';
import { type ArchiveOptions, archiveSettings, withArchiveOptions } from '../archive-options.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { parsePort } from '../port-option.js';
import type { LiveChoice } from '../run/feed-choice.js';
import { runEngine } from '../run/run-engine.js';
import { socketAddress } from '../socket-option.js';
import { UserError } from '../user-error.js';

interface RecordOptions {
  url?: string;
  currencies: string[];
  expiries?: number;
  within?: number;
  moneyness?: number;
  deltas?: { least: number; most: number };
  connections: number;
  interval: ChannelInterval;
  symbols: string[];
  journal: string;
  seconds?: number;
  port: number;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a positive number.');
  return value;
}

function names(text: string): string[] {
  const list = text.split(',').map((name) => name.trim().toUpperCase());
  if (list.some((name) => !/^[A-Z0-9_]+$/.test(name)))
    throw new InvalidArgumentError('expected names such as BTC,ETH.');
  return list;
}

function wholeNumber(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('expected a whole number.');
  return value;
}

function deltaRange(text: string): { least: number; most: number } {
  const [, from, to] = /^(\d*\.?\d+)-(\d*\.?\d+)$/.exec(text) ?? [];
  const range = { least: Number(from), most: Number(to) };
  if (!(range.least <= range.most && range.most <= 1))
    throw new InvalidArgumentError('expected absolute deltas such as 0.05-0.6.');
  return range;
}

const DAY_MICROSECONDS = 86_400_000_000;

/** The account by which every change may be had; from the environment, so that it stands in no history of commands. */
function credentialsOf({ VOLFILTER_DERIBIT_ID: clientId, VOLFILTER_DERIBIT_SECRET: secret }: NodeJS.ProcessEnv) {
  if (clientId === undefined && secret === undefined) return undefined;
  if (!clientId || !secret)
    throw new UserError('expected both VOLFILTER_DERIBIT_ID and VOLFILTER_DERIBIT_SECRET, or neither');
  return { grant: 'client_signature' as const, clientId, clientSecret: secret };
}

function choiceOf(venue: 'deribit' | 'binance', options: RecordOptions): LiveChoice {
  if (venue === 'binance') {
    return {
      kind: 'live',
      venue,
      url: options.url ?? 'wss://fstream.binance.com',
      ...(options.url === undefined ? { restUrl: 'https://fapi.binance.com/fapi/v1' } : {}),
      symbols: options.symbols,
      connections: options.connections,
      streams: ['depth@100ms', 'bookTicker', 'trade'],
    };
  }
  const { currencies, expiries, within, moneyness, deltas, interval, connections } = options;
  const credentials = credentialsOf(process.env);
  return {
    kind: 'live',
    venue,
    url: options.url ?? 'wss://www.deribit.com/ws/api/v2',
    interval,
    connections,
    ...(credentials === undefined ? {} : { credentials }),
    filter: {
      currencies,
      ...(expiries === undefined ? {} : { expiries }),
      ...(within === undefined ? {} : { expiresWithin: within * DAY_MICROSECONDS }),
      ...(moneyness === undefined ? {} : { logMoneyness: Math.log1p(moneyness / 100) }),
      ...(deltas === undefined ? {} : { deltas }),
    },
  };
}

/** `volfilter record`. */
export function recordCommand(): Command {
  const command = new Command('record')
    .description("keep a venue's market data in a journal, and show it; quotes nothing; q or Ctrl-C ends it")
    .addOption(new Option('--venue <venue>', 'whose market data').choices(['deribit', 'binance']).default('deribit'))
    .option('--url <address>', "address of the venue's WebSocket, where it is not the venue's own", socketAddress)
    .option('--currencies <list>', 'of Deribit: currencies whose instruments are followed', names, ['BTC', 'ETH'])
    .option('--expiries <n>', 'of Deribit: the nearest expiries of options only', wholeNumber)
    .option('--within <days>', 'of Deribit: what expires within so many days only', positiveNumber)
    .option('--moneyness <percent>', 'of Deribit: strikes within so many per cent of the index only', positiveNumber)
    .option(
      '--deltas <range>',
      'of Deribit: books of options of these absolute deltas only, such as 0.05-0.6',
      deltaRange,
    )
    .option('--connections <n>', 'connections that carry the same; the first copy counts', wholeNumber, 1)
    .addOption(
      new Option('--interval <interval>', 'of Deribit: how often channels come; raw needs an account')
        .choices(['raw', '100ms', 'agg2'])
        .default('100ms'),
    )
    .option('--symbols <list>', 'of Binance: perpetuals that are followed', names, ['BTCUSDT', 'ETHUSDT'])
    .option('--journal <folder>', 'where the journal is kept; the log goes on where it ended', DEFAULT_JOURNAL)
    .option('--seconds <n>', 'end by itself after this many seconds', positiveNumber)
    .option('--port <n>', 'port of the gateway on 127.0.0.1; 0 takes any free one', parsePort, 8790)
    .action(async (options: RecordOptions & ArchiveOptions & { venue: 'deribit' | 'binance' }) => {
      const archives = archiveSettings(options);
      const { journal, port, seconds } = options;
      process.exitCode = await runEngine({
        feed: choiceOf(options.venue, options),
        journal,
        port,
        ...(seconds === undefined ? {} : { seconds }),
        ...(archives === undefined ? {} : { archives }),
        rate: 0,
        instruments: 0,
        seed: 0,
        strikes: 0,
      });
    })
    .addHelpText(
      'after',
      '\nAn account of Deribit is given by VOLFILTER_DERIBIT_ID and VOLFILTER_DERIBIT_SECRET in the environment.',
    );
  return withArchiveOptions(command);
}
