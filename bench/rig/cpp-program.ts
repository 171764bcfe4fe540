import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const COMPILERS = ['g++', 'c++', 'clang++'];

/** A C++ program beside a benchmark: what this machine can do at best. */
export interface CppProgram {
  /** Runs it; the numbers that it prints on one line. */
  run(...words: readonly (number | undefined)[]): Promise<number[]>;
  remove(): Promise<void>;
}

/**
 * Compiles a program for this machine; or says why it cannot. A CPU that is undefined is told as -1: not pinned.
 *
 * @param source address of the source, as seen from the source tree; sources are not built into dist/
 */
export async function compileCpp(source: string): Promise<CppProgram | { missing: string }> {
  // This file runs from dist/bench/rig/.
  const file = fileURLToPath(new URL(`../../../${source}`, import.meta.url));
  if (!existsSync(file)) return { missing: `no ${file}` };
  const folder = await mkdtemp(join(tmpdir(), 'volfilter-cpp-'));
  const program = join(folder, 'program');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  for (const compiler of COMPILERS) {
    try {
      await execute(compiler, ['-O3', '-march=native', '-std=c++17', '-pthread', '-o', program, file]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      await remove();
      throw error;
    }
    return {
      run: async (...words) => {
        const { stdout } = await execute(
          program,
          words.map((word) => String(word ?? -1)),
        );
        return stdout.trim().split(' ').map(Number);
      },
      remove,
    };
  }
  await remove();
  return { missing: `no C++ compiler (${COMPILERS.join(', ')})` };
}
