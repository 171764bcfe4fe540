import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, execPath, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Day } from './day.js';
import { models, type Quoting } from './models.js';
import { meanOf } from './statistics.js';
import { pageOf } from './table.js';

/**
 * Quoting models against each other on the simulated venue: each model's parameters are tuned on the same number of settings and the
 * same seeds, then all run on seeds that nobody has seen. `node dist/bench/economics/main.js --help` names the options.
 */
const USAGE =
  'economics [--seeds 20] [--first-seed 1] [--hours 8] [--tuning-seeds 4] [--tuning-hours 2] [--tuned <settings of each model, JSON>] [--at-once 2] [--out file.md] [--days file.jsonl]: quoting models against each other';
/** Far from the seeds that the models are judged on. */
const FIRST_TUNING_SEED = 10_001;

const { values } = parseArgs({
  args: argv.slice(2),
  options: {
    seeds: { type: 'string', default: '20' },
    'first-seed': { type: 'string', default: '1' },
    hours: { type: 'string', default: '8' },
    'tuning-seeds': { type: 'string', default: '4' },
    'tuning-hours': { type: 'string', default: '2' },
    tuned: { type: 'string' },
    'at-once': { type: 'string', default: '2' },
    out: { type: 'string' },
    days: { type: 'string' },
    help: { type: 'boolean' },
  },
});

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

/** Answers in the order of the questions, so many processes at a time. */
async function all<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const place = next++;
      answers[place] = await ask(items[place]!);
      stderr.write(`${place + 1} of ${items.length}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
  return answers;
}

/** Mean profit of each setting of each model on the tuning seeds. */
async function tune(): Promise<number[][]> {
  const seeds = Array.from({ length: Number(values['tuning-seeds']) }, (_, place) => FIRST_TUNING_SEED + place);
  const hours = Number(values['tuning-hours']);
  const trials = models.flatMap(({ grid }) => grid.flatMap((settings) => seeds.map((seed) => ({ settings, seed }))));
  const days = await all(trials, ({ seed, settings }) => dayOf(seed, hours, settings));
  const profitOf = (settings: Quoting): number =>
    meanOf(days.filter((_day, place) => trials[place]!.settings === settings).map(({ profitUsd }) => profitUsd));
  return models.map(({ grid }) => grid.map(profitOf));
}

/** An argument as a shell takes it. */
function quoted(argument: string): string {
  return /[[{ ]/.test(argument) ? `'${argument}'` : argument;
}

async function compare(): Promise<string> {
  const hours = Number(values.hours);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, place) => Number(values['first-seed']) + place);
  const scores = values.tuned === undefined ? await tune() : [];
  const chosen =
    values.tuned === undefined
      ? scores.map((score, model) => models[model]!.grid[score.indexOf(Math.max(...score))]!)
      : (JSON.parse(values.tuned) as Quoting[]);
  const tuning =
    values.tuned === undefined
      ? `Each model was tuned on ${models[0]!.grid.length} settings, ${values['tuning-seeds']} other seeds of ${values['tuning-hours']} hours.`
      : 'Settings were given.';
  // Seed by seed, so that a comparison that is stopped has all models of the seeds that it has.
  const judged = seeds.flatMap((seed) => chosen.map((settings) => ({ seed, settings })));
  const days = await all(judged, ({ seed, settings }) => dayOf(seed, hours, settings));
  return pageOf({
    command: `node dist/bench/economics/main.js ${argv.slice(2).map(quoted).join(' ')}`,
    seeds: seeds.length,
    hours,
    chosen,
    days: chosen.map((settings) => days.filter((_day, place) => judged[place]!.settings === settings)),
    tuning,
    scores,
  });
}

if (values.help) console.log(USAGE);
else {
  if (values.days !== undefined && existsSync(values.days)) {
    for (const line of readFileSync(values.days, 'utf8').split('\n'))
      if (line !== '') known.set(...(JSON.parse(line) as [string, Day]));
  }
  const text = await compare();
  console.log(text);
  if (values.out !== undefined) writeFileSync(values.out, text);
}
