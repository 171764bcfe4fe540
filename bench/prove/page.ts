import { type BenchResult, formatFigures, formatMachine, type Machine } from '../report.js';
import type { Outcome } from './proof.js';

/** What was proved, as the page that is committed. */
export function formatProofPage(
  machine: Machine,
  commit: string,
  outcomes: readonly Outcome[],
  names: readonly string[],
): string {
  const notRun = names.filter((name) => !outcomes.some((outcome) => outcome.name === name));
  const lines = [
    '# Long proofs',
    '',
    'Written by `npm run prove`: claims that take too long to be tests, tried at full scale.',
    '',
    `* commit: ${commit}`,
    `* machine: ${formatMachine(machine)}`,
    '',
    '| proof | what held | amount | figures | time | day |',
    '|---|---|---|---|---|---|',
    ...outcomes.map(formatRow),
  ];
  if (notRun.length > 0) lines.push('', `Not run on this commit: ${notRun.join(', ')}.`);
  return `${lines.join('\n')}\n`;
}

function formatRow({ name, claim, amount, unit, figures, seconds, date, failure }: Outcome): string {
  const what = failure === undefined ? claim : `**Failed**: ${failure}`;
  const cells = [
    `\`${name}\``,
    what,
    `${amount.toLocaleString('en-US')} ${unit}`,
    figures.map(formatFigure).join('; '),
    formatDuration(seconds),
    date.slice(0, 10),
  ];
  return `| ${cells.map((cell) => cell.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}

function formatFigure(result: BenchResult): string {
  return `${result.name} ${formatFigures(result)}`;
}

/** `12.3 s`, `4 min 5 s`, `2 h 3 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
