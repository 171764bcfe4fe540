import { createInterface } from 'node:readline';
import { OPTION_TRADING } from '../../../actors/core-settings.js';
import { PAPER_DEFAULTS } from '../../../actors/execution/paper/paper-execution.js';
import { RunMode, type RunModeCode } from '../../../actors/sequencer/sequencer.js';
import { TUNED_QUOTING } from '../../market/quoting/settings.js';
import { UserError } from '../user-error.js';
import { type FeedOptions, type FeedSource, openFeed, venueExecution } from './feed-source.js';
import { type LiveKeys, liveKeys } from './live-keys.js';
import { TEST_NETWORK } from './test-network.js';

/** What orders are worth: nothing (the simulated venue), nothing (a model of a real one), or money. */
export type RunModeName = 'sim' | 'paper' | 'live';

export interface ModeOptions extends FeedOptions {
  mode?: RunModeName;
  /** Said beside `--mode live`: one slip is not enough. */
  live?: boolean;
  /** File of the keys for live trading. */
  keys?: string;
  /** Address of the venue for live feeds and live trading. */
  url?: string;
}

export const MODE_CODES: Readonly<Record<RunModeName, RunModeCode>> = {
  sim: RunMode.SIMULATED,
  paper: RunMode.PAPER,
  live: RunMode.LIVE,
};

/** What somebody has to type before orders go to a real venue. */
export function confirmationOf(url: string): string {
  return `trade live on ${new URL(url).host}`;
}

/** A line from the terminal. */
export type AskLine = (question: string) => Promise<string>;

const askTerminal: AskLine = (question) =>
  new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
    process.stderr.write(question);
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(''));
  });

/** Opens the source of market data, and says where orders go. */
export async function openMode(
  options: ModeOptions,
  note: (message: string) => void,
  ask: AskLine = askTerminal,
): Promise<FeedSource> {
  const { mode = 'sim', feed } = options;
  if (mode === 'live') return openLive(options, note, ask);
  if (options.live === true) throw new UserError(`--live goes with --mode live, found --mode ${mode}`);
  if (options.keys !== undefined) throw new UserError(`--keys goes with --mode live, found --mode ${mode}`);
  if (mode === 'sim') return openFeed(options, note);
  if (feed.kind === 'synthetic')
    throw new UserError('--mode paper: expected a feed with instruments; the synthetic one has none to fill orders in');
  return onPaper(await openFeed(options, note));
}

/** The same market, but no order reaches it. */
function onPaper(source: FeedSource): FeedSource {
  const { execution: _, ...settings } = source.settings;
  const { venue: __, ...rest } = source;
  const { core } = settings;
  return {
    ...rest,
    settings: {
      ...settings,
      core: {
        ...core,
        ownInMarket: false,
        trading: { ...OPTION_TRADING, needsMmp: false },
        quoting: core.quoting ?? TUNED_QUOTING,
        hedging: core.hedging ?? {},
      },
      paper: { instruments: core.instruments, ...PAPER_DEFAULTS },
    },
  };
}

async function openLive(options: ModeOptions, note: (message: string) => void, ask: AskLine): Promise<FeedSource> {
  const { url = TEST_NETWORK, keys: file, live } = options;
  if (live !== true)
    throw new UserError('--mode live sends orders to a real venue: say --live too, and type the confirmation');
  if (!/^wss?:\/\/[^/]+/.test(url) || !URL.canParse(url))
    throw new UserError(`--url: expected an address such as ${TEST_NETWORK}, found '${url}'`);
  const { hostname, protocol, username, password } = new URL(url);
  // The address stands in logs.
  if (username !== '' || password !== '')
    throw new UserError('--url: expected an address without a name or password in it');
  if (protocol !== 'wss:' && hostname !== '127.0.0.1' && hostname !== 'localhost')
    throw new UserError(
      `--url: expected wss:// for ${hostname}, found ws://: keys and orders would travel in the clear`,
    );
  const keys = liveKeys(file, process.env);
  const wanted = confirmationOf(url);
  const typed = await ask(`Orders will go to ${url}. Type '${wanted}' to go on: `);
  if (typed.trim() !== wanted) throw new UserError(`not confirmed: expected '${wanted}'; nothing was started`);
  const source = await openFeed(
    {
      ...options,
      feed: {
        kind: 'live',
        venue: 'deribit',
        url,
        interval: 'raw',
        filter: { currencies: ['BTC', 'ETH'] },
        credentials: { grant: 'client_signature', ...keys.execution },
      },
    },
    note,
  );
  note('live trading starts disarmed: nothing is sent before an operator arms it');
  return tradingLive(source, url, keys);
}

function tradingLive(source: FeedSource, url: string, keys: LiveKeys): FeedSource {
  const { settings, market } = source;
  if (market === undefined) throw new Error('a live feed has definitions, found none');
  const { core } = settings;
  return {
    ...source,
    settings: {
      ...settings,
      core: { ...core, trading: { ...core.trading, needsMmp: true }, quoting: {}, hedging: {} },
      execution: venueExecution(url, keys.execution, market, core.instruments),
    },
    venue: { url, killer: keys.killer },
  };
}
