import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Distribution } from '../../rig/distribution.js';

const execute = promisify(execFile);
const COMPILERS = ['g++', 'c++', 'clang++'];
/** The source stands in the source tree only; this file runs from dist/bench/suites/hop/. */
const source = fileURLToPath(new URL('../../../../bench/suites/hop/ring-peer.cpp', import.meta.url));

/** The C++ program with the same two rings, compiled for this machine. */
export interface CppPeer {
  run(trips: number, pingerCpu: number | undefined, pongerCpu: number | undefined): Promise<Distribution>;
  remove(): Promise<void>;
}

/** Compiles the C++ program; or says why it cannot. */
export async function compileCppPeer(): Promise<CppPeer | { missing: string }> {
  if (!existsSync(source)) return { missing: `no ${source}` };
  const folder = await mkdtemp(join(tmpdir(), 'volfilter-hop-'));
  const program = join(folder, 'ring-peer');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  for (const compiler of COMPILERS) {
    try {
      await execute(compiler, ['-O3', '-march=native', '-std=c++17', '-pthread', '-o', program, source]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      await remove();
      throw error;
    }
    return {
      run: async (trips, pingerCpu, pongerCpu) => {
        const { stdout } = await execute(program, [String(trips), String(pingerCpu ?? -1), String(pongerCpu ?? -1)]);
        const [p50, p99, p999, max] = stdout.trim().split(' ').map(Number);
        return { p50: p50!, p99: p99!, p999: p999!, max: max! };
      },
      remove,
    };
  }
  await remove();
  return { missing: `no C++ compiler (${COMPILERS.join(', ')})` };
}
