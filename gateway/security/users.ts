import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { ROLES, type Role } from '../topics/topic.js';
import { digestOf, newSecret, sameDigest, sameText } from './secrets.js';
import { newRecoveryCodes, newTotpSecret, stepOfCode } from './totp.js';

/** What a token may be used for; each route names one. */
export const SCOPES = ['read', 'kill', 'quoting', 'risk', 'limits', 'trades', 'smile', 'alerts', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const tokenSchema = z.strictObject({
  name: z.string(),
  digest: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** Milliseconds since the Unix epoch; null for one that does not expire. */
  expires: z.number().nullable(),
});

const userSchema = z.strictObject({
  /** Number by which records of the log name the user. */
  id: z.number().int().min(1),
  name: z.string().regex(/^[a-z][a-z0-9._-]{0,31}$/),
  role: z.enum(ROLES),
  /** argon2id; absent while no password is set. */
  password: z.string().optional(),
  tokens: z.array(tokenSchema),
  /** An authenticator, whose code is asked for beside the password; absent for none. */
  totp: z
    .strictObject({
      /** In base32. */
      secret: z.string(),
      /** Step of the code that was used last: none before it is good again. */
      lastStep: z.number(),
      /** Digests of recovery codes that are not used yet. */
      recovery: z.array(z.string()),
    })
    .optional(),
});

export type User = z.infer<typeof userSchema>;

const fileSchema = z.strictObject({ users: z.array(userSchema) });

/** Milliseconds in which another gateway's changes are seen. */
const LOOK_EVERY_MS = 500;

/** A recovery code without the marks that help to read it. */
const plain = (code: string) => code.toUpperCase().replace(/[^A-Z2-7]/g, '');

/** What a password is compared with where there is no such user: the answer must take as long. */
let nobody: Promise<string> | undefined;

/** Users, their passwords and tokens, in one file that only its owner may read. */
export class UserStore {
  private readonly path: string | undefined;
  private readonly now: () => number;
  private users: User[];
  /** Time of the file when it was read last: another gateway of the same folder may have written it since. */
  private readAt = 0;
  private lookedAt = 0;
  /** Grows with every change. */
  version = 0;
  /** Secrets of authenticators that have not told a code yet, by user. */
  private readonly enrolling = new Map<string, string>();

  /** `path`: absent for users that are forgotten at the end. An empty store has one user, admin, without a password. `now`: milliseconds. */
  constructor(path: string | undefined, now: () => number = Date.now) {
    this.path = path;
    this.now = now;
    this.users = [{ id: 1, name: 'admin', role: 'admin', tokens: [] }];
    this.refresh();
  }

  /** Takes over what another gateway of the same folder has written. Sessions hold their users, so these are changed in place. */
  private refresh(): void {
    const { path } = this;
    this.lookedAt = this.now();
    if (path === undefined || !existsSync(path)) return;
    const { mtimeMs } = statSync(path);
    if (mtimeMs === this.readAt) return;
    this.readAt = mtimeMs;
    this.version++;
    const { users } = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    this.users = users.map((read) => {
      const known = this.users.find(({ id }) => id === read.id);
      if (known === undefined) return read;
      delete known.password;
      delete known.totp;
      return Object.assign(known, read);
    });
  }

  /** Looks for changes, now and then: tokens are asked for with every request. */
  look(): void {
    if (Math.abs(this.now() - this.lookedAt) >= LOOK_EVERY_MS) this.refresh();
  }

  /** Whether nobody has a password yet. */
  get isNew(): boolean {
    return this.users.every(({ password }) => password === undefined);
  }

  find(name: string): User | undefined {
    this.look();
    return this.users.find((user) => user.name === name);
  }

  list(): {
    id: number;
    name: string;
    role: Role;
    totp: boolean;
    tokens: { name: string; scopes: readonly Scope[] }[];
  }[] {
    return this.users.map(({ id, name, role, tokens, totp }) => ({
      id,
      name,
      role,
      totp: totp !== undefined,
      tokens: tokens.map((token) => ({ name: token.name, scopes: token.scopes })),
    }));
  }

  /** Adds a user, or changes the role of one. */
  put(name: string, role: Role): User {
    this.refresh();
    const known = this.find(name);
    if (known !== undefined) {
      known.role = role;
      this.save();
      return known;
    }
    const id = 1 + Math.max(0, ...this.users.map((user) => user.id));
    const user = userSchema.parse({ id, name, role, tokens: [] });
    this.users.push(user);
    this.save();
    return user;
  }

  /** Hashes off the event loop, by the library's recommended cost. */
  async setPassword(name: string, password: string): Promise<void> {
    const user = this.find(name);
    if (user === undefined) throw new Error(`there is no user '${name}'`);
    const hashed = await hash(password);
    this.refresh();
    user.password = hashed;
    this.save();
  }

  /** The user whose password this is. */
  async login(name: string, password: string): Promise<User | undefined> {
    const user = this.find(name);
    nobody ??= hash(newSecret());
    const kept = user?.password ?? (await nobody);
    const right = await verify(kept, password);
    return right && user?.password !== undefined ? user : undefined;
  }

  /** A new token, which is told this once. */
  addToken(name: string, tokenName: string, scopes: readonly Scope[], expires: number | null): string {
    this.refresh();
    const user = this.find(name);
    if (user === undefined) throw new Error(`there is no user '${name}'`);
    const secret = newSecret();
    user.tokens = user.tokens.filter((token) => token.name !== tokenName);
    user.tokens.push({ name: tokenName, digest: digestOf(secret), scopes: [...scopes], expires });
    this.save();
    return secret;
  }

  removeToken(name: string, tokenName: string): boolean {
    this.refresh();
    const user = this.find(name);
    const left = user?.tokens.filter((token) => token.name !== tokenName) ?? [];
    const found = user !== undefined && left.length < user.tokens.length;
    if (found) {
      user.tokens = left;
      this.save();
    }
    return found;
  }

  /** Whose token this is, and what it may do. */
  byToken(secret: string, nowMs: number): { user: User; scopes: readonly Scope[] } | undefined {
    return this.byDigest(digestOf(secret), nowMs);
  }

  /** The same by the token's digest. */
  byDigest(digest: string, nowMs: number): { user: User; scopes: readonly Scope[] } | undefined {
    this.look();
    for (const user of this.users) {
      for (const token of user.tokens) {
        if (!sameDigest(token.digest, digest)) continue;
        if (token.expires !== null && token.expires <= nowMs) return undefined;
        return { user, scopes: token.scopes };
      }
    }
    return undefined;
  }

  /** Whether a code is asked for beside the password. */
  needsCode(name: string): boolean {
    return this.find(name)?.totp !== undefined;
  }

  /** The secret of a new authenticator, which is in force once a code of it was told. */
  beginTotp(name: string): string {
    const secret = newTotpSecret();
    this.enrolling.set(name, secret);
    return secret;
  }

  /** Puts the new authenticator in force; the recovery codes, told this once; undefined where the code is not its. */
  confirmTotp(name: string, code: string): string[] | undefined {
    this.refresh();
    const secret = this.enrolling.get(name);
    const user = this.find(name);
    const step = secret === undefined ? undefined : stepOfCode(secret, code, this.now(), 0);
    if (secret === undefined || user === undefined || step === undefined) return undefined;
    this.enrolling.delete(name);
    const codes = newRecoveryCodes();
    user.totp = { secret, lastStep: step, recovery: codes.map((one) => digestOf(plain(one))) };
    this.save();
    return codes;
  }

  /** Whether a code of the user's authenticator, or one of the recovery codes, is good; it is used up by it. */
  takeCode(name: string, code: string): boolean {
    this.refresh();
    const totp = this.find(name)?.totp;
    if (totp === undefined) return false;
    const step = stepOfCode(totp.secret, code.trim(), this.now(), totp.lastStep);
    const digest = digestOf(plain(code));
    const left = totp.recovery.filter((one) => !sameText(one, digest));
    if (step === undefined && left.length === totp.recovery.length) return false;
    totp.lastStep = step ?? totp.lastStep;
    totp.recovery = left;
    this.save();
    return true;
  }

  /** False where the user has none. */
  removeTotp(name: string): boolean {
    this.refresh();
    const user = this.find(name);
    if (user?.totp === undefined) return false;
    delete user.totp;
    this.save();
    return true;
  }

  private save(): void {
    this.version++;
    if (this.path === undefined) return;
    // Whole or not at all: a crash must not lock everybody out.
    writeFileSync(`${this.path}.new`, `${JSON.stringify({ users: this.users }, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
    this.readAt = statSync(this.path).mtimeMs;
  }
}
