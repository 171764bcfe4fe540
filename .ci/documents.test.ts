import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../engine/cli/commands/run.js';
import { commandNames } from '../engine/cli/program.js';
import { black76ImpliedVol } from '../engine/quant/index.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documents = ['README.md', 'CONTRIBUTING.md', 'docs/architecture.md'];

describe('the README', () => {
  it('begins with the two commands and nothing but the name before them', () => {
    const [, before, commands] = /^([\s\S]*?)```sh\n([\s\S]*?)```/.exec(read('README.md'))!;
    expect(before!.trim().split('\n')).toHaveLength(3);
    expect(
      commands!
        .trim()
        .split('\n')
        .map((line) => line.replace(/\s*#.*/, '')),
    ).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  it('shows an example that gives what it says', () => {
    const said = /black76ImpliedVol\(4200, 60_000, 62_000, 30 \/ 365, true\); \/\/ ([\d.]+)/.exec(
      read('README.md'),
    )![1];
    expect(black76ImpliedVol(4200, 60_000, 62_000, 30 / 365, true)).toBe(Number(said));
  });
});

describe.each(documents)('%s', (path) => {
  const text = read(path);

  it('links to files that are there', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link]) => link!);
    for (const link of links.filter((target) => !target.includes('://'))) {
      expect(existsSync(join(root, dirname(path), link)), link).toBe(true);
    }
  });

  it('names only commands and scripts that there are', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    for (const [, name] of text.matchAll(/(?:npx |`)volfilter ([a-z][a-z-]*)/g)) expect(commandNames()).toContain(name);
    for (const [, name] of text.matchAll(/npm run ([a-z]+)/g)) expect(scripts).toContain(name);
  });

  it('names only files of the project that are there', () => {
    const named = [...text.matchAll(/`((?:\.ci|engine|actors|schemas|bench|docs)\/[\w./-]+\.(?:ts|mjs|md))`/g)];
    // The long proofs write theirs.
    for (const [, file] of named.filter(([, file]) => file !== 'bench/PROOF.md')) {
      expect(existsSync(join(root, file!)), file).toBe(true);
    }
  });
});

describe('the Dockerfile', () => {
  it("asks for the engine's health where the gateway listens", () => {
    const asked = /http:\/\/127\.0\.0\.1:(\d+)(\/\w+)/.exec(read('Dockerfile'))!;
    const port = runCommand().options.find(({ long }) => long === '--port')!.defaultValue;
    expect(asked[1]).toBe(String(port));
    expect(read('gateway/http-server.ts')).toContain(`'${asked[2]}'`);
    expect(read('README.md')).toContain(`127.0.0.1:${port}`);
  });
});
