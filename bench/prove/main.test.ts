import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadProof, proofNames } from './registry.js';

const built = fileURLToPath(new URL('../../dist/bench/prove/main.js', import.meta.url));
const prove = (...words: string[]) => spawnSync(process.execPath, [built, ...words], { encoding: 'utf8' });

describe('npm run prove', () => {
  it('explains itself', () => {
    const { status, stdout } = prove('--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: prove /);
  });

  it.each([
    ['a proof that there is not', ['--only', 'no-such-proof']],
    ['proofs that are both meant and not', ['--only', 'chaos', '--except', 'chaos']],
    ['a scale that there is not', ['--scale', 'tiny']],
    ['an option that there is not', ['--no-such-option']],
  ])('refuses %s, in one line', (_, words) => {
    const { status, stdout, stderr } = prove(...words);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^prove: .*\n$/);
    expect(stdout).toBe('');
  });
});

describe.each(proofNames())('the proof %s', (name) => {
  it('goes by the name under which it is registered and does more at full scale', async () => {
    const proof = await loadProof(name);
    expect(proof.name).toBe(name);
    expect(proof.amounts.full).toBeGreaterThanOrEqual(proof.amounts.ci);
    expect(proof.amounts.ci).toBeGreaterThan(0);
  });
});
