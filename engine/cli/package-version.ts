import { createRequire } from 'node:module';

/** The version in package.json: the package names itself, so sources and compiled code find the same file. */
export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('volfilter/package.json');
  return (manifest as { version: string }).version;
}
