import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The Ed25519 key that signs the heads of the chain, made at its first use. Whoever can write the journal and read this
 * file can forge both: keep it away from the journal, and its public half with those who check.
 */
export function loadSigningKey(path: string): KeyObject {
  // What a maker has left that was killed; no other is at work, since one process writes a journal.
  rmSync(`${path}${UNFINISHED}`, { force: true });
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) makeKey(path);
  else if (found.size === 0) {
    // Its maker was killed before it had written anything, so nothing was ever signed with it.
    rmSync(path);
    makeKey(path);
  }
  const key = createPrivateKey(readFileSync(path));
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(`${path} holds a key of type ${key.asymmetricKeyType}; the journal signs with ed25519`);
  }
  return key;
}

const UNFINISHED = '.unfinished';

/** Makes a key that appears under its name whole or not at all; of two who make one at a time, the first one's counts. */
function makeKey(path: string): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const unfinished = `${path}${UNFINISHED}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(unfinished, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true });
  try {
    linkSync(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** The public half of a key, as PEM text. */
export function publicKeyText(key: KeyObject): string {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
