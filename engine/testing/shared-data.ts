import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.js';

/**
 * The full path of a recorded data file, or undefined where the recordings are not installed.
 *
 * They stand beside the project, in `../shared/data`, and are not part of it: a test that needs them skips, saying so,
 * when they are absent.
 */
export function sharedData(relativePath: string): string | undefined {
  const path = join(projectRoot(), '..', 'shared', 'data', relativePath);
  return existsSync(path) ? path : undefined;
}
