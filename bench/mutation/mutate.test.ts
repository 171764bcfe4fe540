import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { Mutator, type SyntaxNode } from './mutate.js';

const CODE = `
function part(sells, own, late, out) {
  if (own > 0 && !(late > 0)) out.price = own;
  else if (sells) out.price = late < 1 ? own - 1 : own * 2;
  else { out.price += 3; out.done = true; }
  return out;
}
`;
type Part = (sells: boolean, own: number, late: number, out: { price: number; done?: boolean }) => object;

/** What the function answers to every mixture of inputs while one mutant is alive. */
function answers(source: string, alive: number): string {
  const world = globalThis as { __isMutant?: (mutant: number) => boolean };
  world.__isMutant = (mutant) => mutant === alive;
  const part = new Function(`${source}; return part;`)() as Part;
  const found = [true, false].flatMap((sells) =>
    [-1, 0, 2].flatMap((own) => [-1, 0, 1, 2].map((late) => part(sells, own, late, { price: 7 }))),
  );
  delete world.__isMutant;
  return JSON.stringify(found);
}

describe('a source with its mutants in it', () => {
  const mutator = new Mutator(CODE, 5);
  const source = mutator.source(parseAst(CODE) as unknown as SyntaxNode);

  it('does what it did while none of them is alive', () => {
    expect(answers(source, 0)).toBe(answers(CODE, 0));
  });

  it('does something else while one of them is, whichever it is', () => {
    expect(mutator.mutants.length).toBeGreaterThan(12);
    expect(mutator.mutants.map(({ number }) => number)).toEqual(mutator.mutants.map((_, place) => 5 + place));
    for (const { number, original, changed } of mutator.mutants) {
      expect(answers(source, number), `${original} -> ${changed}`).not.toBe(answers(CODE, 0));
    }
  });

  it('says of each where it is and what it changes', () => {
    expect(mutator.mutants).toContainEqual(
      expect.objectContaining({ line: 3, original: 'own > 0', changed: '((own) >= (0))' }),
    );
    expect(mutator.mutants).toContainEqual(expect.objectContaining({ line: 5, changed: '(nothing)' }));
  });
});
