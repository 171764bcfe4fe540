import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Rows of a recorded CSV file (plain or .gz, no quoted commas), by column name; lines that start with # are skipped. */
export function readRows(path: string): Record<string, string>[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  const names = header!.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, fields[index] ?? '']));
  });
}
