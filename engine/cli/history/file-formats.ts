import { UserError } from '../user-error.js';
import { barsFormat, valuesFormat } from './bars-format.js';
import { chainFormats } from './chain-format.js';
import type { FileFormat } from './file-format.js';
import { tardisFormats } from './tardis-formats.js';

/** Every layout that is understood. The first whose columns are all there is taken: the narrower ones stand first. */
export const fileFormats: readonly FileFormat[] = [...tardisFormats, ...chainFormats, barsFormat, valuesFormat];

/** The layout of a file with these columns. @param wanted the name that the user gives */
export function formatOf(path: string, columns: readonly string[], wanted?: string): FileFormat {
  const lacks = (format: FileFormat) => format.columns.filter((name) => !columns.includes(name));
  if (wanted !== undefined) {
    const format = fileFormats.find(({ name }) => name === wanted)!;
    const missing = lacks(format);
    if (missing.length === 0) return format;
    throw new UserError(`${path}: a file of format ${wanted} has ${missing.join(', ')}; it has ${columns.join(', ')}`);
  }
  const format = fileFormats.find((candidate) => lacks(candidate).length === 0);
  if (format !== undefined) return format;
  const known = fileFormats.map(({ name, columns: needed }) => `${name} (${needed.join(',')})`);
  throw new UserError(
    `${path}: its columns ${columns.join(',')} are of no known format; known are ${known.join('; ')}`,
  );
}
