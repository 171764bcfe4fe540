/** `npm run prove`: tries the long proofs, goes on where an earlier run stopped, and writes down what held. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, Option } from 'commander';
import { describeMachine, formatFigures } from '../report.js';
import { Ledger } from './ledger.js';
import { formatDuration, formatProofPage } from './page.js';
import { showProgress } from './progress.js';
import type { Outcome, Proof, Scale } from './proof.js';
import { loadProof, proofNames } from './registry.js';

const EXIT_USAGE = 2;
const PAGE = 'bench/PROOF.md';
/** What was proved is kept: at full scale beside the page, for all to see. */
const LEDGERS = { full: 'bench/results/proofs.json', ci: 'data/prove/ci.json' } as const;
/** What proofs write themselves is no change of what they prove. */
const WRITTEN = [PAGE, LEDGERS.full, 'bench/MUTATION.md'];

/** The checkout: this file is compiled into dist/bench/prove. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

function git(...words: string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** What is being proved: the commit, or what no other run can be about when the sources differ from it. */
function currentCommit(): string {
  const now = new Date().toISOString();
  try {
    const commit = git('rev-parse', '--short=12', 'HEAD');
    const isClean = git('status', '--porcelain', '--', '.', ...WRITTEN.map((page) => `:!${page}`)) === '';
    return isClean ? commit : `${commit} with changes that were not committed, ${now}`;
  } catch {
    return `not a git checkout, ${now}`;
  }
}

async function tryProof(proof: Proof, scale: Scale): Promise<Outcome> {
  const { name, claim, unit } = proof;
  const amount = proof.amounts[scale];
  const progress = showProgress(name, amount, unit);
  const started = performance.now();
  const result = await proof.run(amount, progress.update).then(
    (figures) => ({ figures }),
    (error: unknown) => ({ figures: [], failure: error instanceof Error ? error.message : String(error) }),
  );
  progress.stop();
  const seconds = (performance.now() - started) / 1000;
  return { name, claim, unit, amount, date: new Date().toISOString(), seconds, ...result };
}

function announce({ name, claim, amount, unit, figures, seconds, failure }: Outcome): void {
  const verdict = failure === undefined ? `held    ${name}: ${claim}` : `FAILED  ${name}: ${failure}`;
  process.stdout.write(`${verdict} (${amount.toLocaleString('en-US')} ${unit}, ${formatDuration(seconds)})\n`);
  for (const figure of figures) process.stdout.write(`          ${figure.name}: ${formatFigures(figure)}\n`);
}

async function prove(names: readonly string[], scale: Scale, again: boolean): Promise<boolean> {
  const commit = currentCommit();
  const machine = describeMachine();
  const ledger = new Ledger(join(root, LEDGERS[scale]), commit);
  let allHeld = true;
  for (const name of names) {
    if (!again && ledger.isProved(name)) {
      process.stdout.write(`held    ${name}: already on ${commit}\n`);
      continue;
    }
    const proof = await loadProof(name);
    if (proof.amounts[scale] === 0) {
      process.stdout.write(`not run ${name}: no part of the scale '${scale}'\n`);
      continue;
    }
    const outcome = await tryProof(proof, scale);
    announce(outcome);
    ledger.record(outcome);
    allHeld &&= outcome.failure === undefined;
    if (scale === 'full') writeFileSync(join(root, PAGE), formatProofPage(machine, ledger.outcomes, proofNames()));
  }
  return allHeld;
}

const command = new Command('prove')
  .description('Try the claims that take too long to be tests. Goes on where an earlier run on this commit stopped.')
  .addOption(new Option('--only <names...>', 'these proofs').choices(proofNames()))
  .addOption(new Option('--except <names...>', 'all but these proofs').choices(proofNames()).conflicts('only'))
  .addOption(
    new Option('--scale <scale>', `how much: ci in minutes; full writes ${PAGE}`)
      .choices(['ci', 'full'])
      .default('full'),
  )
  .option('--again', 'also what was proved of this commit already')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'prove: ')) });

try {
  command.parse();
  const options = command.opts<{ only?: string[]; except?: string[]; scale: Scale; again?: true }>();
  const names = options.only ?? proofNames().filter((name) => options.except?.includes(name) !== true);
  if (names.length === 0) command.error('error: no proof is registered in bench/prove/registry.ts', { exitCode: 1 });
  process.exitCode = (await prove(names, options.scale, options.again === true)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}
