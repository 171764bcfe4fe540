import { Command, InvalidArgumentError, Option } from 'commander';
import { packed } from '../../runtime/host/packed.js';
import { type ArchiveOptions, archiveSettings, withArchiveOptions } from '../archive-options.js';
import { applySettings } from '../config/apply.js';
import { configFile, loadSettings } from '../config/load.js';
import { outputFile } from '../file-option.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { parsePort } from '../port-option.js';
import { collector } from '../run/collector.js';
import { EmbeddedVenue } from '../run/embedded-venue.js';
import { type FeedChoice, parseFeedChoice } from '../run/feed-choice.js';
import type { RunOptions } from '../run/run-options.js';
import { TEST_NETWORK } from '../run/test-network.js';
import { DEFAULT_KEYS } from '../run/venue-keys.js';
import { socketAddress } from '../socket-option.js';

const RUN_ENGINE = new URL('../run/run-engine.js', import.meta.url).href;

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a positive number.');
  return value;
}

function wholeNumber(text: string): number {
  const value = positiveNumber(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('expected a whole number.');
  return value;
}

/** As many as the configuration allows: each is a process, and a peer with a number of its own. */
const MOST_GATEWAYS = 8;

function gatewayCount(text: string): number {
  const value = wholeNumber(text);
  if (value > MOST_GATEWAYS) throw new InvalidArgumentError(`expected a whole number from 1 to ${MOST_GATEWAYS}.`);
  return value;
}

function traceEvery(text: string): number {
  const value = positiveNumber(text);
  if (value < 1) throw new InvalidArgumentError('expected seconds, 1 or more.');
  return value;
}

function feedChoice(text: string): FeedChoice {
  const choice = parseFeedChoice(text);
  if (choice === undefined)
    throw new InvalidArgumentError(
      "expected 'venue', 'venue=<address>', 'synthetic', 'chains=<path>', 'deribit-recording=<path>' or 'binance-recording=<path>'.",
    );
  return choice;
}

/** Whether the run has a simulated venue of its own. */
function hasEmbeddedVenue({ feed, mode }: RunOptions): boolean {
  return mode !== 'live' && feed.kind === 'venue' && feed.url === undefined;
}

/** `volfilter run`. */
export function runCommand(): Command {
  const command = new Command('run')
    .description('run the engine and show its latencies; q or Ctrl-C ends it')
    .addOption(
      new Option(
        '--feed <source>',
        "'venue', a simulated one beside the engine; 'venue=<address>', one that 'volfilter venue' serves; 'synthetic', random walks; a recording to be served and followed: deribit-recording=<path>, binance-recording=<path>; or on paper snapshots of chains: chains=<path>",
      )
        .argParser(feedChoice)
        .default({ kind: 'venue' }, 'venue'),
    )
    .option('--venue-keys <file>', 'keys of a venue that is there already', DEFAULT_KEYS)
    .addOption(
      new Option(
        '--mode <mode>',
        'where orders go: sim, to the simulated venue; paper, to a model of queues and latencies on any feed; live, to a real venue',
      )
        .choices(['sim', 'paper', 'live'])
        .default('sim'),
    )
    .option('--config <file>', 'what is not said here; else VOLFILTER_CONFIG, else volfilter.json where it is there')
    .option('--live', 'beside --mode live: orders are worth money; a confirmation has to be typed')
    .option('--keys <file>', 'keys for live trading, mode 0600; without it those of the environment')
    .option('--url <address>', `of live trading: the venue's WebSocket, where it is not ${TEST_NETWORK}`, socketAddress)
    .option('--snapshots <n>', 'of chains: play so many', wholeNumber, 40)
    .option('--rate <quotes/s>', 'quotes per second of the synthetic feed', positiveNumber, 2000)
    .option('--instruments <n>', 'instruments of the synthetic feed', wholeNumber, 100)
    .option(
      '--realtime',
      "the core before everything else on its CPU, where 'volfilter doctor' says that it may; one engine a machine",
    )
    .option('--seconds <n>', 'end by itself after this many seconds', positiveNumber)
    .option('--seed <n>', "seed of the simulated venue's world or of the synthetic feed", wholeNumber, 1)
    .option('--strikes <n>', 'strikes of each expiry of the simulated venue', wholeNumber, 8)
    .option('--port <n>', 'port of the gateway on 127.0.0.1; 0 takes any free one', parsePort, 8790)
    .option('--gateways <n>', 'gateways, each a process with a port of its own from --port on', gatewayCount, 1)
    .option('--gateway <folder>', "the gateway's users and audit log", 'data/gateway')
    .option('--no-gateway', "no users: the terminal's token alone may act")
    .option('--journal <folder>', 'where the journal is kept; the log goes on where it ended', DEFAULT_JOURNAL)
    .option('--no-journal', 'keep no journal')
    .option('--no-store', "do not keep the journal's SQL store up to date beside the run")
    .option(
      '--filter <file>',
      "volatility filter: model, refits, thresholds and bars as JSON; 'volfilter tune --out' writes one",
    )
    .option('--alerts <folder>', 'rules and sinks of the alerts, and commands to them', 'data/alerts')
    .option('--no-alerts', 'the usual rules only, told in the log')
    .option(
      '--log <folder>',
      'logs of the engine and of the gateway, and the levels from which on they tell',
      'data/log',
    )
    .option('--no-log', 'keep no logs')
    .option(
      '--traces <address>',
      'send traces of a few events to this OTLP collector; else OTEL_EXPORTER_OTLP_ENDPOINT, else none',
      collector,
    )
    .option('--trace-every <s>', 'seconds from one sample to the next', traceEvery, 5)
    .option('--latency-log <file>', 'write the latencies of every hop as an HdrHistogram log at the end', outputFile)
    .option(
      '--telemetry-json <file>',
      'write counters and percentiles of every hop and thread as JSON at the end',
      outputFile,
    )
    .hook('preAction', (given) => {
      applySettings(
        given,
        loadSettings(configFile(given.opts<{ config?: string }>().config, process.env), process.env),
      );
    })
    .action(async (options: RunOptions & ArchiveOptions & { snapshots: number }) => {
      const { feed, mode, journal, snapshots, filter } = options;
      if (feed.kind === 'chains' && mode === 'paper') {
        // Loaded only here: snapshots of chains bring the whole core with them.
        const { paperOnChains } = await import('../run/chains/chain-paper.js');
        const tell = (line: string): void => void process.stdout.write(`${line}\n`);
        process.exitCode = await paperOnChains({
          path: feed.path,
          journal,
          snapshots,
          tell,
          ...(filter === undefined ? {} : { filter }),
        });
        return;
      }
      const archives = archiveSettings(options);
      // First of all: the venue loads its code beside this process, which has the most of it to load.
      const embedded = hasEmbeddedVenue(options) ? new EmbeddedVenue(options) : undefined;
      try {
        const { runEngine } = (await import(packed(RUN_ENGINE))) as typeof import('../run/run-engine.js');
        process.exitCode = await runEngine({
          ...options,
          ...(embedded === undefined ? {} : { embedded }),
          ...(archives === undefined ? {} : { archives }),
        });
      } finally {
        await embedded?.close();
      }
    });
  return withArchiveOptions(command);
}
