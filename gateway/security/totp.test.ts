import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newRecoveryCodes, newTotpSecret, stepOfCode, totpCode } from './totp.js';
import { UserStore } from './users.js';

/** 'ASCII 12345678901234567890' of the RFC in base32. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('a code of an authenticator', () => {
  // RFC 6238, appendix B, SHA-1, its last six digits.
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('at second %i is that of the standard', (seconds, code) => {
    expect(totpCode(RFC_SECRET, Math.floor(seconds / 30))).toBe(code);
  });

  it('is good half a minute around its time, once, and no later one before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e9, max: 4e9 }), fc.integer({ min: -3, max: 3 }), (seconds, away) => {
        const secret = newTotpSecret();
        const now = Math.floor(seconds / 30);
        const code = totpCode(secret, now + away);
        const found = stepOfCode(secret, code, seconds * 1000, 0);
        if (Math.abs(away) <= 1) expect(found).toBeDefined();
        if (found !== undefined) expect(stepOfCode(secret, code, seconds * 1000, found)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});

describe('a user with an authenticator', () => {
  const desk = () => {
    let now = 1_800_000_000_000;
    const users = new UserStore(undefined, () => now);
    const secret = users.beginTotp('admin');
    return { users, secret, code: (steps = 0) => totpCode(secret, now / 30_000 + steps), later: () => (now += 60_000) };
  };

  it('has it only after a code of it was told', () => {
    const { users, code } = desk();
    expect(users.needsCode('admin')).toBe(false);
    expect(users.confirmTotp('admin', '12345')).toBeUndefined();
    expect(users.needsCode('admin')).toBe(false);
    expect(users.confirmTotp('admin', code())).toHaveLength(10);
    expect(users.needsCode('admin')).toBe(true);
  });

  it('gets in with each code once', () => {
    const { users, code, later } = desk();
    users.confirmTotp('admin', code());
    expect(users.takeCode('admin', code())).toBe(false);
    later();
    const fresh = code();
    expect([users.takeCode('admin', fresh), users.takeCode('admin', fresh)]).toEqual([true, false]);
  });

  it('gets in with each recovery code once, however it is written', () => {
    const { users, code } = desk();
    const [first = '', second = ''] = users.confirmTotp('admin', code()) ?? [];
    expect([users.takeCode('admin', first), users.takeCode('admin', first)]).toEqual([true, false]);
    expect(users.takeCode('admin', second.toLowerCase().replaceAll('-', ' '))).toBe(true);
    expect(users.takeCode('admin', newRecoveryCodes()[0]!)).toBe(false);
  });

  it('is without it once it was taken away', () => {
    const { users, code } = desk();
    users.confirmTotp('admin', code());
    users.removeTotp('admin');
    expect(users.needsCode('admin')).toBe(false);
  });
});
