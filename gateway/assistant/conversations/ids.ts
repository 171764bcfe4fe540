import { randomBytes } from 'node:crypto';

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
let lastMs = 0;
let lastRandom = 0n;

/** A ULID: 48 bits of milliseconds and 80 random ones, which count on within a millisecond, so that ids sort as they were given. */
export function newId(nowMs = Date.now()): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    // The top bit stays free: counting on never runs over.
    lastRandom = BigInt(`0x${randomBytes(10).toString('hex')}`) & ((1n << 79n) - 1n);
  } else lastRandom++;
  return encode(BigInt(lastMs), 10) + encode(lastRandom, 16);
}

function encode(value: bigint, digits: number): string {
  let text = '';
  for (let left = value, digit = 0; digit < digits; digit++, left >>= 5n) text = DIGITS[Number(left & 31n)] + text;
  return text;
}
