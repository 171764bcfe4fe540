import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, execPath, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { QuoteModelCode } from '../../engine/market/quoting/codes.js';
import type { QuotingSettings } from '../../engine/market/quoting/settings.js';
import { type Day, deviation, meanOf } from './day.js';

/**
 * Quoting models against each other on the simulated venue: each model's parameters are tuned on the same number of settings and the
 * same seeds, then all run on seeds that nobody has seen. `node dist/bench/economics/main.js --help` names the options.
 */
type Quoting = Partial<QuotingSettings>;

interface Model {
  name: string;
  grid: Quoting[];
}

const widths = [0.0018, 0.003, 0.0045, 0.006];

/** Three models, the same number of settings each. */
const models: readonly Model[] = [
  {
    name: 'options model',
    grid: [
      { vegaClip: 4000, aversion: 0.1 },
      { vegaClip: 4000, aversion: 0.3 },
      { vegaClip: 6000, aversion: 0.1 },
      { vegaClip: 6000, aversion: 0.3 },
    ],
  },
  {
    name: 'fixed width',
    grid: widths.map((halfWidth) => ({ model: QuoteModelCode.FIXED_WIDTH, halfWidth, relativeHalfWidth: 0 })),
  },
  {
    name: 'mid skewer',
    grid: widths.map((halfWidth) => ({ model: QuoteModelCode.MID_SKEW, halfWidth, relativeHalfWidth: 0, midSkew: 1 })),
  },
];

const run = promisify(execFile);
const oneDay = fileURLToPath(new URL('./one-day.js', import.meta.url));

/** Days that are known, by what they are of: those of a file that is given, so that a comparison that was stopped goes on. */
const known = new Map<string, Day>();

async function dayOf(seed: number, hours: number, settings: Quoting): Promise<Day> {
  const what = JSON.stringify([seed, hours, settings]);
  const before = known.get(what);
  if (before !== undefined) return before;
  const { stdout } = await run(execPath, [oneDay, String(seed), String(hours), JSON.stringify(settings)]);
  const day = JSON.parse(stdout) as Day;
  known.set(what, day);
  if (values.days !== undefined) appendFileSync(values.days, `${JSON.stringify([what, day])}\n`);
  return day;
}

/** Answers in the order of the questions, `atOnce` processes at a time. */
async function all<T, R>(items: readonly T[], atOnce: number, ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const place = next++;
      answers[place] = await ask(items[place]!);
      stderr.write(`${place + 1} of ${items.length}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seeds: { type: 'string', default: '20' },
    'first-seed': { type: 'string', default: '1' },
    hours: { type: 'string', default: '8' },
    'tuning-seeds': { type: 'string', default: '4' },
    'tuning-hours': { type: 'string', default: '2' },
    'at-once': { type: 'string', default: '2' },
    out: { type: 'string' },
    days: { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help) {
  console.log(
    'economics [--seeds 20] [--first-seed 1] [--hours 8] [--tuning-seeds 4] [--tuning-hours 2] [--at-once 2] [--out file.md] [--days file.jsonl]: quoting models against each other',
  );
} else {
  if (values.days !== undefined && existsSync(values.days)) {
    for (const line of readFileSync(values.days, 'utf8').split('\n'))
      if (line !== '') known.set(...(JSON.parse(line) as [string, Day]));
  }
  const text = await compare();
  console.log(text);
  if (values.out !== undefined) writeFileSync(values.out, text);
}

async function compare(): Promise<string> {
  const hours = Number(values.hours);
  const atOnce = Number(values['at-once']);
  // Far from the seeds that the models are judged on.
  const tuningSeeds = Array.from({ length: Number(values['tuning-seeds']) }, (_, place) => 10_001 + place);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, place) => Number(values['first-seed']) + place);
  const trials = models.flatMap(({ grid }, model) =>
    grid.flatMap((settings, setting) => tuningSeeds.map((seed) => ({ model, setting, settings, seed }))),
  );
  const tuned = await all(trials, atOnce, ({ seed, settings }) =>
    dayOf(seed, Number(values['tuning-hours']), settings),
  );
  const scores = models.map(({ grid }, model) =>
    grid.map((_, setting) =>
      meanOf(
        tuned
          .filter((_day, place) => trials[place]!.model === model && trials[place]!.setting === setting)
          .map(({ profitUsd }) => profitUsd),
      ),
    ),
  );
  const chosen = scores.map((score, model) => models[model]!.grid[score.indexOf(Math.max(...score))]!);
  const judged = models.flatMap((_, model) => seeds.map((seed) => ({ model, seed })));
  const days = await all(judged, atOnce, ({ model, seed }) => dayOf(seed, hours, chosen[model]!));
  const byModel = models.map((_, model) => days.filter((_day, place) => judged[place]!.model === model));
  const lines = byModel.map((own, model) => row(models[model]!.name, own, chosen[model]!, byModel[0]!, model === 0));
  return [
    '# Quoting models against each other',
    '',
    `\`node dist/bench/economics/main.js ${argv.slice(2).join(' ')}\``,
    '',
    `${seeds.length} seeds of ${hours} simulated hours each, one underlying with eight strikes an expiry, hedged the same way; profit by the venue's own books, after`,
    `fees. Each model was tuned on ${models[0]!.grid.length} settings, ${tuningSeeds.length} other seeds of ${values['tuning-hours']} hours.`,
    '',
    '| model | mean profit USD | s.d. | Sharpe of days | paired t of the options model | s.d. of vega USD/pt | s.d. of delta | fills | duty | tuned to |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
    'Mean profit while tuning, USD:',
    '',
    ...models.flatMap(({ name, grid }, model) =>
      grid.map(
        (settings, setting) => `* ${name} \`${JSON.stringify(settings)}\`: ${scores[model]![setting]!.toFixed(0)}`,
      ),
    ),
    '',
    'Terms of the profit, mean a day, coin:',
    '',
    `| model | ${Object.keys(days[0]!.terms).join(' | ')} |`,
    `|---|${'---|'.repeat(Object.keys(days[0]!.terms).length)}`,
    ...byModel.map((own, model) => {
      const means = Object.keys(days[0]!.terms).map((term) =>
        meanOf(own.map(({ terms }) => terms[term] ?? 0)).toFixed(5),
      );
      return `| ${models[model]!.name} | ${means.join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

function row(name: string, own: readonly Day[], settings: Quoting, first: readonly Day[], isFirst: boolean): string {
  const profits = own.map(({ profitUsd }) => profitUsd);
  const sharpe = (meanOf(profits) / deviation(profits)) * Math.sqrt((365 * 24) / own[0]!.hours);
  const ahead = first.map(({ profitUsd }, place) => profitUsd - profits[place]!);
  const t = (meanOf(ahead) / deviation(ahead)) * Math.sqrt(ahead.length);
  const mean = (pick: (day: Day) => number, digits: number): string => meanOf(own.map(pick)).toFixed(digits);
  return (
    `| ${name} | ${meanOf(profits).toFixed(0)} | ${deviation(profits).toFixed(0)} | ${sharpe.toFixed(1)} | ${isFirst ? '' : t.toFixed(2)} ` +
    `| ${mean(({ vegaDeviation }) => vegaDeviation / 100, 0)} | ${mean(({ deltaDeviation }) => deltaDeviation, 3)} ` +
    `| ${mean(({ fills }) => fills, 0)} | ${mean(({ uptime }) => 100 * uptime, 1)} % | \`${JSON.stringify(settings)}\` |`
  );
}
