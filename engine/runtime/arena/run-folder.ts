import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RuntimeSetupError } from './arena.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** The shared-memory file system of Linux. */
export const SHARED_MEMORY_FOLDER = '/dev/shm';

/** A folder of arenas on the shared-memory file system, and whose it is. */
export interface EngineRun {
  path: string;
  engineRun: number;
  owner: ProcessIdentity;
}

const FOLDER_NAME = /^volfilter-(\d+)-(\d+)-(\d+)-(\d+)$/;

/** The run folders below `base` that belong to this user. The owner is in the name, so that it is known from the first. */
function runFolders(base: string): EngineRun[] {
  const runs: EngineRun[] = [];
  for (const name of readdirSync(base)) {
    const match = FOLDER_NAME.exec(name);
    if (match === null) continue;
    const path = join(base, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isDirectory() || stat.uid !== process.getuid?.()) continue;
    const [engineRun, pid, started, namespace] = match.slice(1).map(Number) as [number, number, number, number];
    runs.push({ path, engineRun: engineRun | 0, owner: { pid, started, namespace } });
  }
  return runs;
}

/** Runs of this user whose engine is running. */
export function liveRuns(base = SHARED_MEMORY_FOLDER): EngineRun[] {
  return runFolders(base).filter((run) => isRunning(run.owner));
}

/** Removes the folders of engines that died without closing; those of running engines are never touched. */
export function removeStaleRuns(base = SHARED_MEMORY_FOLDER): EngineRun[] {
  const stale = runFolders(base).filter((run) => !isRunning(run.owner));
  // Two engines that start together may both find the same folder: gone is gone.
  for (const run of stale) rmSync(run.path, { recursive: true, force: true });
  return stale;
}

/** Makes this engine's run folder, readable by its user alone, after removing what dead engines left. */
export function createRunFolder(engineRun: number, base = SHARED_MEMORY_FOLDER): EngineRun {
  const owner = ownIdentity();
  const path = join(base, `volfilter-${engineRun >>> 0}-${owner.pid}-${owner.started}-${owner.namespace}`);
  try {
    removeStaleRuns(base);
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw new RuntimeSetupError(`cannot make the folder of arenas ${path}: ${(error as Error).message}`);
  }
  return { path, engineRun: engineRun | 0, owner };
}

/** Removes a run folder and its files; who still maps them keeps them until it ends. */
export function removeRunFolder(run: EngineRun): void {
  rmSync(run.path, { recursive: true, force: true });
}
