/** Runs before each file of tests: says which mutant is alive, and remembers which ones a file reaches. */
import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import type { Alive, Reached } from './run-mutants.js';

const file = process.env.VOLFILTER_MUTANT ?? '';
const { alive, most } = JSON.parse(readFileSync(file, 'utf8')) as Alive;
const reached = new Set<number>();
let asked = 0;

Object.assign(globalThis, {
  __isMutant: (mutant: number): boolean => {
    // A mutant may make a loop endless, which no time limit of a test would end.
    if (++asked > most) throw new Error('the mutant never ends');
    if (alive === 0) reached.add(mutant);
    return mutant === alive;
  },
});

afterAll(() => {
  if (alive !== 0) return;
  const line: Reached = { test: expect.getState().testPath ?? '', mutants: [...reached], asked };
  appendFileSync(`${file}.reached`, `${JSON.stringify(line)}\n`);
});
