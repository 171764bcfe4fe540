import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../engine/testing/project-root.js';
import type { MutantOutcome } from '../../mutation/run-mutants.js';
import type { Proof } from '../proof.js';

/** Share of the mutants that the tests have to see. */
const LEAST = 0.8;
/** Of fewer mutants a share says nothing: they only show that the tests hold the sources as they are, and that mutants are told apart. */
const ENOUGH = 50;
const SHOWN = 60;

/** What may lose money in a way that no other stage would notice. */
const PLAN = {
  sources: [
    ...['burst-guard', 'flatten-rule', 'loss-guard', 'pending-approvals', 'rate-meters', 'resting-book', 'risk-states'],
    ...['risk-table', 'scenario-scan', 'ack-latency', 'clock-offset', 'fill-rates', 'hedge-slippage', 'markout-losses'],
    ...['secondary-exposure', 'held-sums', 'strategy-losses'],
  ]
    .map((name) => `engine/market/risk/${name}.ts`)
    .concat(
      ['asked-requests', 'flights', 'order-keeper', 'order-table', 'request-table', 'transitions'].map(
        (name) => `engine/market/orders/${name}.ts`,
      ),
      sourcesIn('engine/market/orders/keeper'),
      [
        ...[
          'fill-bursts',
          'fill-faults',
          'fill-quality',
          'holdings',
          'intent-checks',
          'limit-changes',
          'loss-halts',
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
    'engine/market/orders/{order-keeper,order-keeper.property,order-table,parts,transitions}.test.ts',
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

const words = ({ source, line, original, changed }: MutantOutcome): string =>
  `${source}, about line ${line}: ${short(original)} -> ${short(changed)}`;

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}

export const proof: Proof = {
  name: 'mutation',
  claim: 'of small changes to risk and to the state machine of orders, the tests see four of five',
  unit: 'mutants',
  amounts: { ci: 2, full: 10_000 },
  async run(amount, progress) {
    // Loaded only here: it brings the test runner with it.
    const { runMutants } = await import('../../mutation/run-mutants.js');
    const outcomes = await runMutants(PLAN, (count) => spread(count, amount), progress);
    const killed = outcomes.filter(({ outcome }) => outcome === 'killed').length;
    const left = outcomes.filter(({ outcome }) => outcome !== 'killed');
    const share = killed / outcomes.length;
    if (outcomes.length >= ENOUGH && share < LEAST) {
      throw new Error(
        `the tests see ${(100 * share).toFixed(1)} % of ${outcomes.length} mutants, ${100 * LEAST} % are wanted; not seen:\n${left.slice(0, SHOWN).map(words).join('\n')}`,
      );
    }
    const of = (outcome: MutantOutcome['outcome']): number =>
      outcomes.filter((each) => each.outcome === outcome).length;
    return [
      {
        name: 'mutants that tests see',
        unit: '%',
        value: 100 * share,
        note: `${killed} of ${outcomes.length}; ${of('survived')} survive, no test reaches ${of('unreached')}`,
      },
    ];
  },
};
