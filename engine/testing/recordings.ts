import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sharedData } from './shared-data.js';

/** The texts of the frames that came in, byte for byte, of a recording with one `{recv, dir, msg}` a line. */
export function recordedFrames(relativePath: string): string[] | undefined {
  const path = sharedData(relativePath);
  if (path === undefined) return undefined;
  return readFileSync(path, 'latin1')
    .split('\n')
    .filter((line) => line.includes('"dir":"in"'))
    .map((line) => line.slice(line.indexOf('"msg":') + 6, -1));
}

/** The texts of a recording with one `<nanoseconds> <frame>` a line, gzipped. */
export function recordedStream(relativePath: string): string[] | undefined {
  const path = sharedData(relativePath);
  if (path === undefined) return undefined;
  return gunzipSync(readFileSync(path))
    .toString('latin1')
    .split('\n')
    .filter((line) => line.length > 0)
    .map((line) => line.slice(line.indexOf(' ') + 1));
}
