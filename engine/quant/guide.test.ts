import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../testing/project-root.js';
import * as quant from './index.js';

const root = projectRoot();
const guide = readFileSync(join(root, 'docs/quant.md'), 'utf8');

interface Example {
  /** The heading that it stands under. */
  title: string;
  code: string;
}

const examples: Example[] = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => {
  const headings = [...guide.slice(0, match.index).matchAll(/^#+ (.*)$/gm)];
  return { title: headings.at(-1)![1]!, code: match[1]! };
});

/** `expression; // value`, or `const name = expression; // value`: what the guide says that a line gives. */
const CLAIM = /^(?:const (\w+) = )?(.*); \/\/ (-?[\d.][\d.e+-]*|NaN|Infinity|true|false|'[^']*')(?: .*)?$/;

/** The example with each claim reported as it is met, run as its reader would run it: on the built package, by its name. */
function claimsOf({ code }: Example): { said: string; found: unknown; line: string }[] {
  const lines = code.split('\n').map((line) => {
    const claim = CLAIM.exec(line);
    if (claim === null) return line;
    const [, name, expression, said] = claim;
    const value = name ?? `(${expression})`;
    const declaration = name === undefined ? '' : `${line}\n`;
    return `${declaration}claims.push({ said: ${JSON.stringify(said)}, found: String(${value}), line: ${JSON.stringify(line)} });`;
  });
  const program = `${lines.join('\n')}\nprocess.stdout.write(JSON.stringify(claims));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', `const claims = [];\n${program}`], {
    cwd: root,
    encoding: 'utf8',
  });
  return JSON.parse(output) as { said: string; found: string; line: string }[];
}

/** Half a unit of the last digit that a figure shows, and an ulp. */
function tolerance(said: string): number {
  const [mantissa, exponent = '0'] = said.split('e');
  const decimals = mantissa!.split('.')[1]?.length ?? 0;
  return 0.5 * Number(`1e${Number(exponent) - decimals}`) + Number.EPSILON * Math.abs(Number(said));
}

describe('the guide', () => {
  test.each(examples)('$title: the example gives what it says', (example) => {
    const claims = claimsOf(example);
    expect(claims.length).toBeGreaterThan(0);
    for (const { said, found, line } of claims) {
      if (Number.isNaN(Number(said)) || said === 'Infinity') expect(String(found), line).toBe(said.replaceAll("'", ''));
      else
        expect(Math.abs(Number(found) - Number(said)), `${line} gives ${found}`).toBeLessThanOrEqual(tolerance(said));
    }
  });

  test('claims nothing that is not checked', () => {
    for (const { code } of examples) {
      for (const line of code.split('\n')) if (/;\s+\/\//.test(line)) expect(line).toMatch(CLAIM);
    }
  });

  test('names everything that the package exports', () => {
    const named = new Set([...guide.matchAll(/`(\w+)/g)].map(([, name]) => name));
    expect(Object.keys(quant).filter((name) => !named.has(name))).toEqual([]);
  });

  test('names no function that the package does not export', () => {
    const rows = [...guide.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell!);
    const names = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => !(name in quant))).toEqual([]);
  });
});
