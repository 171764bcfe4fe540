import {
  closeSync,
  fchmodSync,
  ftruncateSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Libc, libc, libcFailure } from '../native/libc.js';
import { type Arena, attachArena, RuntimeSetupError } from './arena.js';
import type { EdgeKindId } from './layout.js';
import { type EngineRun, SHARED_MEMORY_FOLDER } from './run-folder.js';

const ZEROS = new Uint8Array(1 << 20);

/**
 * Why arenas cannot be mapped files here, or undefined when they can. Without them an edge lives in a SharedArrayBuffer and
 * its reader runs as a thread of the engine instead of a process of its own.
 */
export function mappedFilesUnavailable(base = SHARED_MEMORY_FOLDER): string | undefined {
  if (libc() === undefined) return `memory cannot be mapped: ${libcFailure()}`;
  if (!(statSync(base, { throwIfNoEntry: false })?.isDirectory() ?? false)) return `there is no folder ${base}`;
  return undefined;
}

/**
 * Makes a file of zeros in a run folder and maps it writable. The file is 0600; its name ends in `.arena`.
 *
 * Every page is written: a page that the file system could not find later would be a SIGBUS in the middle of trading instead
 * of an error now.
 */
export function createMappedFile(run: EngineRun, name: string, bytes: number): { path: string; memory: ArrayBuffer } {
  const native = requireNative(name);
  const path = arenaPath(run, name);
  requireSpace(dirname(path), name, bytes);
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      fillWithZeros(file, bytes);
    } finally {
      closeSync(file);
    }
    return { path, memory: native.mapFile(path, bytes, 'write') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, { force: true });
    throw new RuntimeSetupError(`arena '${name}': cannot make ${path} of ${bytes} bytes: ${(error as Error).message}`);
  }
}

/**
 * Makes a file that one peer may write: memory without a name, sealed against growing and shrinking, with a link to it in the
 * run folder. A hostile peer can write nonsense into it but cannot truncate it under the engine, which would be a SIGBUS.
 */
export function createPeerFile(run: EngineRun, name: string, bytes: number): { path: string; memory: ArrayBuffer } {
  const native = requireNative(name);
  const path = arenaPath(run, name);
  requireSpace(dirname(path), name, bytes);
  try {
    const descriptor = native.createMemoryFile(name);
    fchmodSync(descriptor, 0o600);
    fillWithZeros(descriptor, bytes);
    native.sealSize(descriptor);
    // Stays open: it is what the link leads to.
    const target = `/proc/${process.pid}/fd/${descriptor}`;
    symlinkSync(target, path);
    return { path, memory: native.mapFile(target, bytes, 'write') };
  } catch (error) {
    throw new RuntimeSetupError(`arena '${name}': cannot make ${path} of ${bytes} bytes: ${(error as Error).message}`);
  }
}

/** Maps an arena that another process made and checks what it holds. Mapped for reading, a write to it is a fault. */
export function attachMappedFile(
  path: string,
  name: string,
  kind: EdgeKindId,
  engineRun: number,
  access: 'read' | 'write',
): Arena {
  const native = requireNative(name);
  let memory: ArrayBuffer;
  try {
    memory = native.mapFile(path, statSync(path).size, access);
  } catch (error) {
    throw new RuntimeSetupError(`arena '${name}': cannot attach to ${path}: ${(error as Error).message}`);
  }
  return attachArena(memory, name, kind, engineRun);
}

/** Where an arena of a run lies. */
export function arenaPath(run: EngineRun, name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
    throw new RuntimeSetupError(`arena '${name}': the name of a mapped arena is of a-z, 0-9, '.' and '-'`);
  }
  return join(run.path, `${name}.arena`);
}

function requireNative(name: string): Libc {
  const native = libc();
  if (native === undefined) {
    throw new RuntimeSetupError(`arena '${name}' cannot be a mapped file: ${libcFailure()}; use a SharedArrayBuffer`);
  }
  return native;
}

function requireSpace(folder: string, name: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    throw new RuntimeSetupError(
      `arena '${name}' needs ${bytes} bytes, ${folder} has ${bavail * bsize} left: make it larger (docker run --shm-size)`,
    );
  }
}

function fillWithZeros(file: number, bytes: number): void {
  ftruncateSync(file, bytes);
  for (let at = 0; at < bytes; at += ZEROS.length) writeSync(file, ZEROS, 0, Math.min(ZEROS.length, bytes - at), at);
}
