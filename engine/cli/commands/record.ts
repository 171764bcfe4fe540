import { Command, InvalidArgumentError, Option } from 'commander';
import type { ChannelInterval } from '../../../actors/feed/deribit/channels.js';
import type { LiveChoice } from '../run/feed-source.js';
import { runEngine } from '../run/run-engine.js';

interface RecordOptions {
  url?: string;
  currencies: string[];
  expiries?: number;
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

function choiceOf(venue: 'deribit' | 'binance', options: RecordOptions): LiveChoice {
  if (venue === 'binance') {
    return {
      kind: 'live',
      venue,
      url: options.url ?? 'wss://fstream.binance.com',
      ...(options.url === undefined ? { restUrl: 'https://fapi.binance.com/fapi/v1' } : {}),
      symbols: options.symbols,
      streams: ['depth@100ms', 'bookTicker', 'trade'],
    };
  }
  const { currencies, expiries, interval } = options;
  return {
    kind: 'live',
    venue,
    url: options.url ?? 'wss://www.deribit.com/ws/api/v2',
    interval,
    filter: { currencies, ...(expiries === undefined ? {} : { expiries }) },
  };
}

/** `volfilter record`. */
export function recordCommand(): Command {
  return new Command('record')
    .description("keep a venue's market data in a journal, and show it; quotes nothing; q or Ctrl-C ends it")
    .addOption(new Option('--venue <venue>', 'whose market data').choices(['deribit', 'binance']).default('deribit'))
    .option('--url <address>', "address of the venue's WebSocket, where it is not the venue's own")
    .option('--currencies <list>', 'of Deribit: currencies whose instruments are followed', names, ['BTC', 'ETH'])
    .option('--expiries <n>', 'of Deribit: the nearest expiries of options only', positiveNumber)
    .addOption(
      new Option('--interval <interval>', 'of Deribit: how often channels come; raw needs an account')
        .choices(['raw', '100ms', 'agg2'])
        .default('100ms'),
    )
    .option('--symbols <list>', 'of Binance: perpetuals that are followed', names, ['BTCUSDT', 'ETHUSDT'])
    .option('--journal <folder>', 'where the journal is kept; the log goes on where it ended', 'data/journal')
    .option('--seconds <n>', 'end by itself after this many seconds', positiveNumber)
    .option('--port <n>', 'port of the gateway on 127.0.0.1', positiveNumber, 8790)
    .action(async (options: RecordOptions & { venue: 'deribit' | 'binance' }) => {
      const { journal, port, seconds } = options;
      process.exitCode = await runEngine({
        feed: choiceOf(options.venue, options),
        journal,
        port,
        ...(seconds === undefined ? {} : { seconds }),
        rate: 0,
        instruments: 0,
        seed: 0,
        strikes: 0,
      });
    });
}
