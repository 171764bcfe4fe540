import { RuntimeSetupError } from '../arena/arena.js';
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
