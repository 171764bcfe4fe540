import { RuntimeSetupError } from '../arena/arena.js';
import { createMappedFile } from '../arena/mapped-file.js';
import type { EngineRun } from '../arena/run-folder.js';
import { libc } from '../native/libc.js';

/** How to reach a block of shared memory from another thread, or from another process when it is a file. */
export type SharedHandle =
  | { kind: 'threads'; memory: SharedArrayBuffer }
  | { kind: 'file'; path: string; bytes: number };

/** The memory behind a handle. A mapped file must be opened by every thread for itself. */
export function openShared(handle: SharedHandle, access: 'read' | 'write'): ArrayBufferLike {
  if (handle.kind === 'threads') return handle.memory;
  const library = libc();
  if (library === undefined) {
    throw new RuntimeSetupError(
      `cannot map ${handle.path}: native calls are not available on this machine (see 'volfilter doctor')`,
    );
  }
  return library.mapFile(handle.path, handle.bytes, access);
}

/** Memory that peers may see: a mapped file where there is a run folder. */
export function allocateShared(
  run: EngineRun | undefined,
  name: string,
  bytes: number,
): { memory: ArrayBufferLike; handle: SharedHandle } {
  if (run === undefined) {
    const memory = new SharedArrayBuffer(bytes);
    return { memory, handle: { kind: 'threads', memory } };
  }
  const { path, memory } = createMappedFile(run, name, bytes);
  return { memory, handle: { kind: 'file', path, bytes } };
}
