import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hash, verify } from '@node-rs/argon2';
import { z } from 'zod';
import { ROLES, type Role } from '../topics/topic.js';
import { digestOf, newSecret, sameText } from './secrets.js';

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
});

export type User = z.infer<typeof userSchema>;

const fileSchema = z.strictObject({ users: z.array(userSchema) });

/** What a password is compared with where there is no such user: the answer must take as long. */
let nobody: Promise<string> | undefined;

/** Users, their passwords and tokens, in one file that only its owner may read. */
export class UserStore {
  private readonly path: string | undefined;
  private users: User[];

  /** `path`: absent for users that are forgotten at the end. An empty store has one user, admin, without a password. */
  constructor(path: string | undefined) {
    this.path = path;
    this.users =
      path !== undefined && existsSync(path)
        ? fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).users
        : [{ id: 1, name: 'admin', role: 'admin', tokens: [] }];
  }

  /** Whether nobody has a password yet. */
  get isNew(): boolean {
    return this.users.every(({ password }) => password === undefined);
  }

  find(name: string): User | undefined {
    return this.users.find((user) => user.name === name);
  }

  list(): { id: number; name: string; role: Role; tokens: { name: string; scopes: readonly Scope[] }[] }[] {
    return this.users.map(({ id, name, role, tokens }) => ({
      id,
      name,
      role,
      tokens: tokens.map((token) => ({ name: token.name, scopes: token.scopes })),
    }));
  }

  /** Adds a user, or changes the role of one. */
  put(name: string, role: Role): User {
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
    user.password = await hash(password);
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
    const user = this.find(name);
    if (user === undefined) throw new Error(`there is no user '${name}'`);
    const secret = newSecret();
    user.tokens = user.tokens.filter((token) => token.name !== tokenName);
    user.tokens.push({ name: tokenName, digest: digestOf(secret), scopes: [...scopes], expires });
    this.save();
    return secret;
  }

  removeToken(name: string, tokenName: string): boolean {
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
    const digest = digestOf(secret);
    for (const user of this.users) {
      for (const token of user.tokens) {
        if (!sameText(token.digest, digest)) continue;
        if (token.expires !== null && token.expires <= nowMs) return undefined;
        return { user, scopes: token.scopes };
      }
    }
    return undefined;
  }

  private save(): void {
    if (this.path === undefined) return;
    // Whole or not at all: a crash must not lock everybody out.
    writeFileSync(`${this.path}.new`, `${JSON.stringify({ users: this.users }, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
  }
}
