import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The built file of a source, by its path below the project's root without an ending: threads and processes that tests start run
 * built code. Works from the sources and from dist/.
 */
export function built(source: string): string {
  const here = import.meta.url;
  const root = new URL(here.includes('/dist/engine/') ? '../../../' : '../../', here);
  const path = fileURLToPath(new URL(`dist/${source}.js`, root));
  if (!existsSync(path)) throw new Error(`${path} is not built: run "npm run build" first`);
  return path;
}
