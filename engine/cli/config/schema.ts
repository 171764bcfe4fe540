import { z } from 'zod';

const folder = z.string().min(1);
const file = z.string().min(1);
const positive = z.number().positive();
const whole = z.number().int().positive();
const size = z.string().regex(/^\d+(\.\d+)?\s*[kMGT]?B?$/, "expected a size such as '500MB'");

/**
 * What `volfilter run` can be given by a file. The names are those of its options. `--live` is none of them: that orders are worth money is said
 * each time, on the command line.
 */
const run = z.strictObject({
  feed: z.string().min(1).optional().describe('where the market comes from, as --feed has it'),
  venueKeys: file.optional().describe('keys of a venue that is there already'),
  mode: z.enum(['sim', 'paper', 'live']).optional().describe('where orders go'),
  keys: file.optional().describe('keys for live trading, mode 0600'),
  url: z.string().min(1).optional().describe("of live trading: the venue's WebSocket"),
  snapshots: whole.optional().describe('of chains: play so many'),
  rate: positive.optional().describe('quotes per second of the synthetic feed'),
  instruments: whole.optional().describe('instruments of the synthetic feed'),
  realtime: z.boolean().optional().describe('the core before everything else on its CPU'),
  seconds: positive.optional().describe('end after this many seconds'),
  seed: whole.optional().describe("seed of the simulated venue's world or of the synthetic feed"),
  strikes: whole.optional().describe('strikes of each expiry of the simulated venue'),
  port: whole.max(65_535).optional().describe('port of the gateway on 127.0.0.1'),
  gateways: whole.min(1).max(8).optional().describe('gateways, each a process with a port of its own from the port on'),
  gateway: z
    .union([folder, z.literal(false)])
    .optional()
    .describe("folder of the gateway's users and logs; false for no users"),
  journal: z
    .union([folder, z.literal(false)])
    .optional()
    .describe('folder of the journal; false for none'),
  store: z.boolean().optional().describe("whether the journal's SQL store is kept beside the run"),
  filter: file.optional().describe('model, refits and thresholds of the volatility filter, as JSON'),
  alerts: z
    .union([folder, z.literal(false)])
    .optional()
    .describe('folder of rules and sinks; false for the usual rules only'),
  log: z
    .union([folder, z.literal(false)])
    .optional()
    .describe('folder of the logs; false for none'),
  traces: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('collector of OpenTelemetry that samples of what happens are sent to'),
  traceEvery: z.number().min(1).optional().describe('seconds from one sample to the next'),
  latencyLog: file.optional().describe('HdrHistogram log of every hop, written at the end'),
  telemetryJson: file.optional().describe('counters and percentiles as JSON, written at the end'),
  archive: folder.optional().describe('where old blocks of the journal go'),
  archiveAfter: z.number().nonnegative().optional().describe('days; what is older leaves the journal'),
  archiveAbove: size.optional().describe("the oldest leaves until the rest is no larger, such as '20GB'"),
});

/** The whole file: a section for each command that reads it. */
export const configSchema = z.strictObject({
  run: run.optional().describe('options of volfilter run'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigValue = string | number | boolean;

/** Keys of a section in the schema's order. */
export function keysOf(section: 'run'): readonly string[] {
  return Object.keys(configSchema.shape[section].unwrap().shape);
}
