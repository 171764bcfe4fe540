import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.js';

/**
 * The built file of a source, by its path below the project's root without an ending: threads and processes that tests start run
 * built code.
 */
export function built(source: string): string {
  const path = join(projectRoot(), 'dist', `${source}.js`);
  if (!existsSync(path)) throw new Error(`${path} is not built: run "npm run build" first`);
  return path;
}
