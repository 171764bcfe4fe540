import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { BaseSequencer, createVitest, type TestSpecification, type Vitest } from 'vitest/node';
import { projectRoot } from '../../engine/testing/project-root.js';
import { type Mutant, Mutator, type SyntaxNode } from './mutate.js';

/** What the tests are told: the mutant that is alive, 0 for none, and how often the sources may ask before they count as endless. */
export interface Alive {
  alive: number;
  most: number;
}

/** What one file of tests reaches when no mutant is alive. */
export interface Reached {
  test: string;
  mutants: number[];
  asked: number;
}

export interface MutationPlan {
  /** Sources to change, by their paths in the project. */
  sources: readonly string[];
  /** Tests that have to see it. */
  tests: readonly string[];
}

export interface MutantOutcome extends Mutant {
  source: string;
  /** Survived: no test failed. Unreached: no test comes there. */
  outcome: 'killed' | 'survived' | 'unreached';
  /** The first thing that failed, where it was killed. */
  failure?: string;
}

/** What an earlier run found out on the same sources and tests, so that one which was cut short goes on where it stopped. */
export interface MutationMemory {
  reached?: Reached[];
  outcomes: MutantOutcome[];
}

/** More mutants than any source has. */
const MOST_OF_A_SOURCE = 100_000;
/** A mutant that asks this many times more often than the sources do without one is endless. */
const ENDLESS = 20;
const LEAST_ENDLESS = 20_000_000;

/**
 * Changes the sources one small thing at a time and runs the tests that reach it. All mutants are in the sources at once, each behind a question, so that nothing is built
 * twice; whether a test fails is all that counts.
 *
 * @param choose which mutants are tried, from how many there are
 * @param memory of an earlier run, which this one goes on with
 * @param keep is given what is known, whenever that is more
 */
export async function runMutants(
  { sources, tests }: MutationPlan,
  choose: (count: number) => readonly number[],
  progress: (done: number) => void,
  memory: MutationMemory = { outcomes: [] },
  keep: (memory: MutationMemory) => void = () => {},
): Promise<MutantOutcome[]> {
  const root = projectRoot();
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-mutants-'));
  const file = join(folder, 'alive.json');
  const tell = (alive: Alive): void => writeFileSync(file, JSON.stringify(alive));
  const bySource = new Map<string, Mutant[]>();
  const plugin = {
    name: 'mutants',
    enforce: 'post' as const,
    transform(this: { parse(code: string): unknown }, code: string, id: string) {
      const source = relative(root, id.split('?')[0]!);
      const place = sources.indexOf(source);
      if (place < 0) return undefined;
      // Numbers that follow from the plan alone, whatever is loaded first.
      const mutator = new Mutator(code, place * MOST_OF_A_SOURCE + 1);
      const changed = mutator.source(this.parse(code) as SyntaxNode);
      bySource.set(source, mutator.mutants);
      return { code: changed, map: null };
    },
  };
  process.env.VOLFILTER_MUTANT = file;
  tell({ alive: 0, most: Number.MAX_SAFE_INTEGER });
  const vitest = await createVitest(
    'test',
    {
      root,
      // The project's own settings sort tests into groups of their own.
      config: false,
      watch: false,
      pool: 'forks',
      maxWorkers: 1,
      env: { TZ: 'UTC' },
      include: [...tests],
      // One process for all files of a run: what they load is loaded once, and each run begins a new one.
      isolate: false,
      sequence: { sequencer: CheapestFirst },
      setupFiles: [join(root, 'bench/mutation/alive.ts')],
      reporters: [{}],
      bail: 1,
      testTimeout: 60_000,
    },
    { plugins: [plugin] },
  );
  try {
    for (const source of sources) await vitest.vite.environments.ssr.transformRequest(join(root, source));
    const found = sources.flatMap((source) => (bySource.get(source) ?? []).map((mutant) => ({ source, mutant })));
    const all = await vitest.globTestSpecifications();
    if (memory.reached === undefined) {
      const failures = await failuresOf(vitest, all);
      if (failures.length > 0) {
        throw new Error(`the tests fail as they are, and nothing can be said of mutants: ${failures.join('; ')}`);
      }
      memory.reached = readFileSync(`${file}.reached`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Reached);
      keep(memory);
    }
    const { reached, outcomes } = memory;
    CheapestFirst.costs = new Map(reached.map(({ test, asked }) => [test, asked]));
    const most = Math.max(LEAST_ENDLESS, ENDLESS * Math.max(...reached.map(({ asked }) => asked)));
    const known = new Set(outcomes.map(({ number }) => number));
    for (const place of choose(found.length)) {
      const { source, mutant } = found[place]!;
      if (known.has(mutant.number)) continue;
      const reaching = new Set(
        reached.filter(({ mutants }) => mutants.includes(mutant.number)).map(({ test }) => test),
      );
      const specifications = all.filter(({ moduleId }) => reaching.has(moduleId));
      tell({ alive: mutant.number, most });
      if (specifications.length === 0) outcomes.push({ ...mutant, source, outcome: 'unreached' });
      else {
        const [failure] = await failuresOf(vitest, specifications);
        outcomes.push({
          ...mutant,
          source,
          ...(failure === undefined ? { outcome: 'survived' } : { outcome: 'killed', failure }),
        });
      }
      keep(memory);
      progress(outcomes.length);
    }
    // Whoever changes a file meanwhile, or the machine itself, may have made tests fail that know nothing of a mutant.
    tell({ alive: 0, most: Number.MAX_SAFE_INTEGER });
    const after = await failuresOf(vitest, all);
    if (after.length > 0) throw new Error(`the tests no longer pass without a mutant: ${after.join('; ')}`);
    return outcomes;
  } finally {
    await vitest.close();
    delete process.env.VOLFILTER_MUTANT;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs first what asks least, and so takes least: most mutants are killed there, and the first failure ends a run. */
class CheapestFirst extends BaseSequencer {
  /** How often each file of tests asks, by its path. */
  static costs = new Map<string, number>();

  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const cost = ({ moduleId }: TestSpecification): number => CheapestFirst.costs.get(moduleId) ?? 0;
    return Promise.resolve([...files].sort((left, right) => cost(left) - cost(right)));
  }
}

/** What failed in these files, in words; the first failure ends the run. */
async function failuresOf(vitest: Vitest, specifications: readonly TestSpecification[]): Promise<string[]> {
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([...specifications]);
  // The runner remembers files of earlier runs, with what failed in them then.
  const asked = new Set(specifications.map(({ moduleId }) => moduleId));
  const failed = testModules.filter((module) => asked.has(module.moduleId) && !module.ok());
  return [
    ...unhandledErrors.map(String),
    ...failed.flatMap((module) => {
      const errors = [...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []);
      const words = [...module.errors(), ...errors].map(({ message }) => message);
      return words.length === 0 ? [`${module.moduleId} failed`] : words.map((each) => `${module.moduleId}: ${each}`);
    }),
  ];
}
