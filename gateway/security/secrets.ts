import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret that nobody guesses: 256 bits, safe in a URL. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret. A random one needs no slow hash. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether two digests are the same, in a time that says nothing about where they differ. */
export function sameDigest(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/** Whether two texts are the same, in a time that says nothing about where they differ. */
export function sameText(one: string, other: string): boolean {
  const a = createHash('sha256').update(one).digest();
  const b = createHash('sha256').update(other).digest();
  return timingSafeEqual(a, b);
}
