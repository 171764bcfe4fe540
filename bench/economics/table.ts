import type { Day } from './day.js';
import { models, type Quoting } from './models.js';
import { sharpe, sharpeDifference } from './sharpe.js';
import { deviation, meanOf } from './statistics.js';

/** Standard errors on each side of an estimate that 95 of 100 such intervals reach over. */
const CONFIDENCE = 1.96;

/** What is compared: by model, in the order of `models`. */
export interface Comparison {
  command: string;
  seeds: number;
  hours: number;
  /** Settings that each model was judged with, and its judged days by seed. */
  chosen: readonly Quoting[];
  days: readonly (readonly Day[])[];
  /** How they were chosen: a sentence. */
  tuning: string;
  /** Mean profit of each setting while tuning, USD; empty where they were given. */
  scores: readonly (readonly number[])[];
}

/** The comparison as a page. */
export function pageOf({ command, seeds, hours, chosen, days, tuning, scores }: Comparison): string {
  const terms = Object.keys(days[0]![0]!.terms);
  return [
    '# Quoting models against each other',
    '',
    `\`${command}\``,
    '',
    `${seeds} seeds of ${hours} simulated hours each, one underlying with eight strikes an expiry, hedged the same way; profit by the venue's own books, after`,
    `fees. ${tuning}`,
    '',
    '| model | mean profit USD | s.d. | Sharpe of days | paired t of the options model | its Sharpe above this one | s.d. of vega USD/pt | s.d. of delta | fills | duty | tuned to |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...days.map((own, model) => row(models[model]!.name, own, chosen[model]!, model === 0 ? undefined : days[0]!)),
    '',
    ...(scores.length > 0 ? ['Mean profit while tuning, USD:', '', ...scores.flatMap(scoresOf), ''] : []),
    'Profit of each seed, USD:',
    '',
    `| seed | ${models.map(({ name }) => name).join(' | ')} |`,
    `|---|${'---|'.repeat(models.length)}`,
    ...days[0]!.map(
      ({ seed }, place) => `| ${seed} | ${days.map((own) => own[place]!.profitUsd.toFixed(0)).join(' | ')} |`,
    ),
    '',
    'Terms of the profit, mean a day, coin:',
    '',
    `| model | ${terms.join(' | ')} |`,
    `|---|${'---|'.repeat(terms.length)}`,
    ...days.map((own, model) => {
      const means = terms.map((term) => meanOf(own.map((day) => day.terms[term] ?? 0)).toFixed(5));
      return `| ${models[model]!.name} | ${means.join(' | ')} |`;
    }),
    '',
  ].join('\n');
}

function scoresOf(score: readonly number[], model: number): string[] {
  const { name, grid } = models[model]!;
  return score.map((profit, setting) => `* ${name} \`${JSON.stringify(grid[setting])}\`: ${profit.toFixed(0)}`);
}

/** @param first days of the options model, which this one is paired with; undefined for itself */
function row(name: string, own: readonly Day[], settings: Quoting, first: readonly Day[] | undefined): string {
  const profits = own.map(({ profitUsd }) => profitUsd);
  const perYear = (365 * 24) / own[0]!.hours;
  const mean = (pick: (day: Day) => number, digits: number): string => meanOf(own.map(pick)).toFixed(digits);
  const cells = [
    name,
    meanOf(profits).toFixed(0),
    deviation(profits).toFixed(0),
    sharpe(profits, perYear).toFixed(1),
    first === undefined ? '' : pairedT(first, own).toFixed(2),
    first === undefined ? '' : aheadBy(first, profits, perYear),
    mean(({ vegaDeviation }) => vegaDeviation / 100, 0),
    mean(({ deltaDeviation }) => deltaDeviation, 3),
    mean(({ fills }) => fills, 0),
    `${mean(({ uptime }) => 100 * uptime, 2)} %`,
    `\`${JSON.stringify(settings)}\``,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Student's t of the difference of profits, seed by seed. */
function pairedT(first: readonly Day[], second: readonly Day[]): number {
  const ahead = first.map(({ profitUsd }, place) => profitUsd - second[place]!.profitUsd);
  return (meanOf(ahead) / deviation(ahead)) * Math.sqrt(ahead.length);
}

/** The difference with its interval of 95 %: one that holds 0 shows nothing. */
function aheadBy(first: readonly Day[], profits: readonly number[], perYear: number): string {
  const ahead = first.map(({ profitUsd }) => profitUsd);
  const { difference, error } = sharpeDifference(ahead, profits, perYear);
  return `${difference.toFixed(1)} (${(difference - CONFIDENCE * error).toFixed(1)} to ${(difference + CONFIDENCE * error).toFixed(1)})`;
}
