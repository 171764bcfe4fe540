import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot } from '../../testing/project-root.js';

const MAIN = join(projectRoot(), 'dist/engine/cli/main.js');
const RUNS = 3;
/** Blocks of 512 bytes that a file may have where the disk is to be full: less than an outcome takes. */
const FULL = 'ulimit -f 1 && exec "$@"';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-sweep-'));
  const data = { kind: 'simulated', currencies: ['BTC'], strikes: 4 };
  const seeds = { first: 1, count: RUNS };
  writeFileSync(
    join(folder, 'sweep.json'),
    JSON.stringify({ data, seconds: 4, warmUpSeconds: 0, lookSeconds: 1, seeds, sensitivity: false }),
  );
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function started(isFull = false): ChildProcess {
  const command = [process.execPath, MAIN, 'backtest', join(folder, 'sweep.json'), '--out', folder, '--json'];
  return isFull ? spawn('sh', ['-c', FULL, 'sh', ...command]) : spawn(command[0]!, command.slice(1));
}

async function ended(child: ChildProcess): Promise<{ code: number | null; out: string; error: string }> {
  let out = '';
  let error = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, error };
}

/** Outcomes that are kept, by their file. */
function kept(): Map<string, string> {
  const runs = join(folder, 'runs');
  const files = readdirSync(folder).includes('runs') ? readdirSync(runs).filter((file) => file.endsWith('.json')) : [];
  return new Map(files.sort().map((file) => [file, readFileSync(join(runs, file), 'utf8')]));
}

it('a sweep that is killed and then finds the disk full keeps what it finished, says where, and makes only the rest', async () => {
  const killed = started();
  const end = ended(killed);
  while (kept().size === 0 && killed.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
  killed.kill('SIGKILL');
  await end;
  const finished = kept();
  expect(finished.size).toBeGreaterThan(0);
  expect(finished.size).toBeLessThan(RUNS);

  const full = await ended(started(true));
  expect(full.code).not.toBe(0);
  expect(full.error).toContain(`cannot keep the outcome of a run in ${join(folder, 'runs')}`);
  expect(kept()).toEqual(finished);

  const resumed = await ended(started());
  expect(resumed.error).not.toContain('cannot keep');
  const { runs } = JSON.parse(resumed.out) as { runs: { made: number; reused: number } };
  expect(runs).toMatchObject({ made: RUNS - finished.size, reused: finished.size });
  for (const [file, text] of finished) expect(kept().get(file)).toBe(text);
  expect(kept().size).toBe(RUNS);
}, 120_000);
