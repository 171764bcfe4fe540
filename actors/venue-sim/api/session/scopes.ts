/** What a method asks of a session, in the venue's notation: `trade:read_write` includes `trade:read`. */
export type Scope = 'account:read' | 'account:read_write' | 'trade:read' | 'trade:read_write' | 'wallet:read';

/** How long a token is valid and where it belongs, as its scope says. */
export interface TokenTerms {
  /** What was granted, as the answer says it. */
  scope: string;
  /** Valid on its own connection only; otherwise it names a session. */
  session: string | undefined;
  /** Seconds, where the scope says so. */
  expiresIn: number | undefined;
}

const AREAS = ['account', 'block_rfq', 'block_trade', 'custody', 'trade', 'wallet'];
const LEAST_LIFE_S = 1;
const MOST_LIFE_S = 31_536_000;

/**
 * Grants what is asked for as far as the key allows it; all that the key allows where nothing is asked for.
 * @param allowed scope of the key, such as `account:read trade:read_write`
 * @param asked scope of the request, such as `session:quoter trade:read expires:600`
 */
export function grantScope(allowed: string, asked: string | undefined): TokenTerms {
  const held = new Map(allowed.split(' ').map((part) => [area(part), level(part)]));
  const wanted = (asked ?? '').split(' ').filter((part) => part !== '');
  const named = wanted.filter((part) => AREAS.includes(area(part)));
  const granted = (named.length === 0 ? allowed.split(' ') : named).flatMap((part) => {
    const most = held.get(area(part));
    if (most === undefined || most === 'none') return [];
    return [`${area(part)}:${level(part) === 'read' || most === 'read' ? 'read' : 'read_write'}`];
  });
  const session = wanted.find((part) => part.startsWith('session:'))?.slice('session:'.length);
  const life = Number(wanted.find((part) => part.startsWith('expires:'))?.slice('expires:'.length));
  const belongs = session === undefined ? 'connection' : `session:${session}`;
  return {
    scope: [...new Set([...granted, belongs, 'mainaccount'])].sort((a, b) => (a < b ? -1 : 1)).join(' '),
    session,
    expiresIn: Number.isInteger(life) && life >= LEAST_LIFE_S ? Math.min(life, MOST_LIFE_S) : undefined,
  };
}

/** Whether a granted scope suffices. */
export function includesScope(granted: string, needed: Scope): boolean {
  const parts = granted.split(' ');
  if (parts.includes(needed)) return true;
  return needed.endsWith(':read') && parts.includes(`${needed}_write`);
}

function area(part: string): string {
  return part.split(':')[0]!;
}

function level(part: string): string {
  return part.split(':')[1] ?? '';
}
