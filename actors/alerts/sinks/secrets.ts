import { readFileSync } from 'node:fs';

/**
 * Reads a secret from where a configuration says that it is: `env:NAME` or `file:PATH`. Throws an Error that says where it was
 * looked for, and never what was found.
 */
export function readSecret(from: string, env: NodeJS.ProcessEnv = process.env): string {
  const [, kind, place] = /^(env|file):(.+)$/.exec(from) ?? [];
  if (kind === undefined || place === undefined) {
    throw new Error("a secret is named by where it is, 'env:NAME' or 'file:PATH': what stands there is neither");
  }
  let secret: string | undefined;
  if (kind === 'env') {
    secret = env[place];
  } else {
    try {
      secret = readFileSync(place, 'utf8').trim();
    } catch (error) {
      throw new Error(`the secret cannot be read from ${place}: ${(error as NodeJS.ErrnoException).code}`);
    }
  }
  if (secret === undefined || secret === '') throw new Error(`there is no secret at ${from}`);
  return secret;
}
