import { createHmac, randomBytes } from 'node:crypto';
import { sameText } from './secrets.js';

/** Seconds that a code is good for (RFC 6238). */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** Steps before and after now whose codes are taken: clocks differ. */
const WINDOW = 1;
const SECRET_BYTES = 20;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const RECOVERY_CODES = 10;

/** A secret for a new authenticator, in base32 as they take it. */
export function newTotpSecret(): string {
  return toBase32(randomBytes(SECRET_BYTES));
}

/** What an authenticator reads from a picture or a link. */
export function otpauthAddress(user: string, secret: string): string {
  const label = encodeURIComponent(`volfilter:${user}`);
  return `otpauth://totp/${label}?secret=${secret}&issuer=volfilter&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;
}

/** The code of a step: HOTP with SHA-1 (RFC 4226), which is what every authenticator has. @param step seconds since the epoch over 30 */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const number = digest.readUInt32BE(digest[digest.length - 1]! & 15) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/**
 * The step whose code this is, within the window and after the step that was used last: a code that was seen over a shoulder is good
 * for nothing. Undefined where it is none.
 */
export function stepOfCode(secret: string, code: string, nowMs: number, lastStep: number): number | undefined {
  const now = Math.floor(nowMs / 1000 / STEP_SECONDS);
  let found: number | undefined;
  // All of them, whichever it is: the time that it takes says nothing.
  for (let step = now - WINDOW; step <= now + WINDOW; step++) {
    if (sameText(totpCode(secret, step), code) && step > lastStep) found = step;
  }
  return found;
}

/** Codes that work once each where the authenticator is lost. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => toBase32(randomBytes(10)).replace(/(.{4})(?=.)/g, '$1-'));
}

function toBase32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
    value &= 31;
  }
  return bits === 0 ? text : text + ALPHABET[(value << (5 - bits)) & 31];
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of text) {
    value = (value << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >>> bits) & 255);
    value &= 255;
  }
  return Buffer.from(bytes);
}
