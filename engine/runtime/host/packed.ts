import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Of the folder that holds the compiled modules, and below it `packed`. */
const MODULES = new URL('../../../', import.meta.url).href;

/**
 * Where the build has packed a module with all that it imports into few files, which a thread loads in a fraction of the time: its address there, and
 * its own where it is not packed. What belongs to one thread must come from one side alone, or it has two of everything.
 *
 * Coverage counts the lines of the modules themselves.
 */
export function packed(address: string): string {
  if (process.env.NODE_V8_COVERAGE !== undefined || !address.startsWith(MODULES)) return address;
  const there = `${MODULES}packed/${address.slice(MODULES.length)}`;
  return existsSync(fileURLToPath(there)) ? there : address;
}

/** The same for modules of one thread: all of them, or none. */
export function packedTogether(addresses: readonly string[]): string[] {
  const found = addresses.map(packed);
  return found.every((address, place) => address !== addresses[place]) ? found : [...addresses];
}
