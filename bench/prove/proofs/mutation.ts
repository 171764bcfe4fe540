import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../../engine/testing/project-root.js';
import type { MutantOutcome, MutationMemory } from '../../mutation/run-mutants.js';
import type { Proof } from '../proof.js';

/** Share of the mutants that the tests have to see. */
const LEAST = 0.8;
/** Of fewer mutants a share says nothing: they only show that the tests hold the sources as they are, and that mutants are told apart. */
const ENOUGH = 50;
/** Where a run that is cut short leaves what it knows, and where the survivors of a whole one are written. */
const MEMORY = 'data/prove/mutants.json';
const PAGE = 'bench/MUTATION.md';

/** What may lose money in a way that no other stage would notice. */
const PLAN = {
  sources: [
    ...['burst-guard', 'flatten-rule', 'loss-guard', 'pending-approvals', 'rate-meters', 'resting-book', 'risk-states'],
    ...['risk-table', 'scenario-scan', 'ack-latency', 'clock-offset', 'fill-rates', 'hedge-slippage', 'markout-losses'],
    ...['secondary-exposure', 'held-sums', 'strategy-losses'],
  ]
    .map((name) => `engine/market/risk/${name}.ts`)
    .concat(
      ['margin-book', 'standard-margin'].map((name) => `engine/market/margin/${name}.ts`),
      ['asked-requests', 'flights', 'order-keeper', 'order-table', 'request-table', 'transitions'].map(
        (name) => `engine/market/orders/${name}.ts`,
      ),
      sourcesIn('engine/market/orders/keeper'),
      [
        ...[
          'command-faults',
          'fill-bursts',
          'fill-faults',
          'fill-quality',
          'holdings',
          'intent-checks',
          'limit-changes',
          'loss-halts',
          'margin-watch',
          'market-facts',
          'own-orders',
        ],
        ...['risk', 'risk-scopes', 'tie-out-alarm', 'part-losses', 'control-faults', 'underlying-faults'],
      ].map((name) => `actors/risk/${name}.ts`),
      sourcesIn('actors/risk/checks'),
    ),
  tests: [
    'engine/market/risk/*.test.ts',
    'actors/risk/{,checks/}*.test.ts',
    'engine/market/margin/*.test.ts',
    'engine/market/orders/{asked-requests,order-keeper,order-keeper.property,order-table,parts,request-table,transitions}.test.ts',
    'engine/market/orders/keeper/*.test.ts',
  ],
};

/** Every source that stands in a folder itself. */
function sourcesIn(folder: string): string[] {
  return readdirSync(join(projectRoot(), folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}

/** Evenly spread over all of them. */
function spread(count: number, amount: number): number[] {
  const taken = Math.min(count, amount);
  return Array.from({ length: taken }, (_, place) => Math.floor(((place + 0.5) * count) / taken));
}

/** Changes that nothing can tell from the original, with the reason: they say nothing of the tests, and are left out of the share. */
const EQUIVALENT: readonly { source: string; original: string; changed: string; reason: string }[] = [
  {
    source: 'risk/held-sums.ts',
    original: 'size > 0',
    changed: '((size) >= (0))',
    reason: 'nothing held costs nothing to be rid of, whichever side of the book is looked at',
  },
  {
    source: 'checks/greek-bounds.ts',
    original: 'limits[LIMITS_OF[greek]] / UNITS_OF[greek]',
    changed: '((limits[LIMITS_OF[greek]]) * (UNITS_OF[greek]))',
    reason: 'bounds of a quick look alone: units are below one, so that it only finds more to look at',
  },
  {
    source: 'checks/judged-intent.ts',
    original: 'this.flags = 0;',
    changed: '(nothing)',
    reason: 'the first value of a field that is set before it is read',
  },
];

function reasonOf({ source, original, changed }: MutantOutcome): string | undefined {
  const same = EQUIVALENT.find(
    (each) => source.endsWith(each.source) && each.original === original && each.changed === changed,
  );
  return same?.reason;
}

/** What was found out, and of which contents of sources and tests. */
interface Kept {
  sources: string;
  tests: Record<string, string>;
  memory: MutationMemory;
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

/** Contents of the sources that are changed, and of each test and what supports it. */
function contents(): Pick<Kept, 'sources' | 'tests'> {
  const root = projectRoot();
  const sources = PLAN.sources.map((source) => hashOf(join(root, source))).join();
  const tests: Record<string, string> = {};
  for (const folder of [
    'engine/market/margin',
    'engine/market/risk',
    'engine/market/orders',
    'actors/risk',
    'actors/testing/risk',
  ]) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort();
    for (const name of names) {
      if (name.endsWith('.test.ts') || /testing\/.*\.ts$/.test(join(folder, name))) {
        tests[join(root, folder, name)] = hashOf(join(root, folder, name));
      }
    }
  }
  return { sources: createHash('sha256').update(sources).digest('hex').slice(0, 16), tests };
}

/** What an earlier run knew of the same sources. With other tests what survived is tried again, and what was killed stays so where the test that saw it is the same. */
function remembered({ sources, tests }: Pick<Kept, 'sources' | 'tests'>): MutationMemory {
  try {
    const kept = JSON.parse(readFileSync(join(projectRoot(), MEMORY), 'utf8')) as Kept;
    if (kept.sources !== sources) return { outcomes: [] };
    if (JSON.stringify(kept.tests) === JSON.stringify(tests)) return kept.memory;
    const isSame = (path: string): boolean => tests[path] !== undefined && tests[path] === kept.tests[path];
    const helpers = Object.keys(kept.tests).filter((path) => !path.endsWith('.test.ts'));
    if (!helpers.every(isSame)) return { outcomes: [] };
    return { outcomes: kept.memory.outcomes.filter(({ failure = '' }) => isSame(failure.split(': ')[0]!)) };
  } catch {
    // Absent or cut short: everything is tried again.
    return { outcomes: [] };
  }
}

function keeper(of: Pick<Kept, 'sources' | 'tests'>): (memory: MutationMemory) => void {
  const path = join(projectRoot(), MEMORY);
  mkdirSync(dirname(path), { recursive: true });
  return (memory) => writeFileSync(path, JSON.stringify({ ...of, memory } satisfies Kept));
}

const words = ({ source, line, original, changed }: MutantOutcome): string =>
  `${source}, about line ${line}: ${short(original)} -> ${short(changed)}`;

/** The page of what no test sees. */
function page(killed: number, left: readonly MutantOutcome[]): string {
  const judged = left.filter((each) => reasonOf(each) === undefined);
  const row = (each: MutantOutcome): string =>
    `| \`${each.source}\`, about ${each.line} | \`${cell(each.original)}\` | \`${cell(each.changed)}\` | ${reasonOf(each) ?? each.outcome} |`;
  return [
    '# Mutants of risk and of the state machine of orders',
    '',
    'Written by `npm run prove -- --only mutation`: small changes to the sources, evenly spread over all that there are, each with the tests that reach it.',
    '',
    `${killed} of ${killed + judged.length} are seen by a test, ${((100 * killed) / (killed + judged.length)).toFixed(1)} %; ${left.length - judged.length} more change nothing that can be told, and are left out. ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '| where | what stands there | what stood there instead | outcome, or why nothing can tell |',
    '|---|---|---|---|',
    ...left.map(row),
    '',
  ].join('\n');
}

function cell(text: string): string {
  return short(text).replaceAll('|', '\\|');
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}

export const proof: Proof = {
  name: 'mutation',
  claim: 'of small changes to risk and to the state machine of orders, the tests see four of five',
  unit: 'mutants',
  amounts: { ci: 2, full: 60 },
  async run(amount, progress) {
    // Loaded only here: it brings the test runner with it.
    const { runMutants } = await import('../../mutation/run-mutants.js');
    const of = contents();
    const isWhole = amount >= ENOUGH;
    const memory: MutationMemory = isWhole ? remembered(of) : { outcomes: [] };
    const keep = isWhole ? keeper(of) : () => {};
    const outcomes = await runMutants(PLAN, (count) => spread(count, amount), progress, memory, keep);
    const left = outcomes.filter(({ outcome }) => outcome !== 'killed');
    const judged = left.filter((each) => reasonOf(each) === undefined);
    const killed = outcomes.length - left.length;
    const share = killed / (killed + judged.length);
    if (isWhole) writeFileSync(join(projectRoot(), PAGE), page(killed, left));
    if (isWhole && share < LEAST) {
      throw new Error(
        `the tests see ${(100 * share).toFixed(1)} % of ${killed + judged.length} mutants, ${100 * LEAST} % are wanted; not seen:\n${judged.map(words).join('\n')}`,
      );
    }
    const countOf = (outcome: MutantOutcome['outcome']): number =>
      outcomes.filter((each) => each.outcome === outcome).length;
    return [
      {
        name: 'mutants that tests see',
        unit: '%',
        value: 100 * share,
        note: `${killed} of ${killed + judged.length}; ${countOf('survived')} survive, no test reaches ${countOf('unreached')}, ${left.length - judged.length} of them change nothing`,
      },
    ];
  },
};
