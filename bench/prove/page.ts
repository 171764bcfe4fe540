import { type BenchResult, formatFigures, formatMachine, type Machine } from '../report.js';
import type { ProvedOutcome } from './ledger.js';

/** What was proved, as the page that is committed: of each claim the newest outcome, with the commit that it is of. */
export function formatProofPage(
  machine: Machine,
  outcomes: readonly ProvedOutcome[],
  names: readonly string[],
): string {
  const notRun = names.filter((name) => !outcomes.some((outcome) => outcome.name === name));
  const lines = [
    '# Long proofs',
    '',
    'Written by `npm run prove`: claims that take too long to be tests, tried at full scale.',
    '',
    `* machine of the last: ${formatMachine(machine)}`,
    '',
    '| proof | what held | amount | figures | time | day | commit |',
    '|---|---|---|---|---|---|---|',
    ...outcomes.map(formatRow),
  ];
  if (notRun.length > 0)
    lines.push('', `Not run at full scale yet, or not since the page began: ${notRun.join(', ')}.`);
  return `${lines.join('\n')}\n`;
}

function formatRow({ name, claim, amount, unit, figures, seconds, date, commit, failure }: ProvedOutcome): string {
  const what = failure === undefined ? claim : `**Failed**: ${failure}`;
  const cells = [
    `\`${name}\``,
    what,
    `${amount.toLocaleString('en-US')} ${unit}`,
    figures.map(formatFigure).join('; '),
    formatDuration(seconds),
    date.slice(0, 10),
    commit,
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
