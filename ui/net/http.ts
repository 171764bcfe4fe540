import { earlySession, TOKEN } from './early.js';

/** What became of a command whose question was answered by No. */
export const NOT_CONFIRMED = 'not confirmed, so not done';

/** What became of a request, in words for people. */
export interface Outcome {
  ok: boolean;
  status: number;
  /** What the gateway said: the title of a problem, or nothing. */
  words: string;
  body: unknown;
  /** The body as it came. */
  text: string;
}

/** The API token of this tab; empty where it has none. It is forgotten with the tab. */
export function token(): string {
  return sessionStorage.getItem(TOKEN) ?? '';
}

export function setToken(value: string): void {
  if (value === '') sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, value);
}

/** The CSRF token of the session, told by the gateway at signing in; empty where a token is used. */
let csrf = '';

/** A ticket for one socket, which came with signing in; empty where there is none. */
let ticket = '';

/** A link whose user has an authenticator: it waits for the code. */
export let linkThatNeedsCode: string | undefined;

/** Signs in by the link that the engine printed at its start: `#login=...`, which no server sees; good once. */
export async function signInByAddress(): Promise<string> {
  const link = /^#login=([\w.~-]+)$/.exec(location.hash)?.[1];
  if (link === undefined) return '';
  history.replaceState(null, '', location.pathname + location.search);
  const { ok, words, body } = await signIn({ link });
  // The link stays good: SET asks for the code.
  if ((body as { needs?: unknown } | undefined)?.needs === 'code') linkThatNeedsCode = link;
  return ok ? '' : `not signed in: ${words}. SET <GO>`;
}

/** Signs in by name and password, or by a link. */
export async function signIn(
  by: ({ user: string; password: string } | { link: string }) & { code?: string },
): Promise<Outcome> {
  const outcome = await ask('POST', '/api/v1/login', by);
  csrf = told(outcome, 'csrf');
  ticket = told(outcome, 'ticket');
  return outcome;
}

/** How the socket says who it is, or undefined where nobody is signed in. Throws while the gateway does not answer. */
export async function credentials(): Promise<{ ticket: string } | { token: string } | undefined> {
  if (token() !== '') return { token: token() };
  if (ticket !== '') {
    const given = ticket;
    ticket = '';
    return { ticket: given };
  }
  const session = await askForSession();
  if (session.status === 401 || session.status === 403) return undefined;
  if (!session.ok) throw new Error(session.words);
  csrf = told(session, 'csrf');
  const given = told(session, 'ticket');
  if (given === '') throw new Error('no ticket came for its socket');
  return { ticket: given };
}

/**
 * Gives a command. Where the gateway wants a second step, the question is the gateway's own words.
 * @returns what became of it, in words
 */
export async function command(
  method: 'POST' | 'PUT',
  path: string,
  body: object,
  confirm: (question: string) => Promise<boolean>,
): Promise<Outcome> {
  const first = await ask(method, path, body);
  const { status, confirmation, summary } = (first.body ?? {}) as {
    status?: string;
    confirmation?: string;
    summary?: string;
  };
  if (!first.ok || status !== 'needs-confirmation' || confirmation === undefined) return first;
  if (!(await confirm(`${summary ?? 'This adds risk'}?`))) return { ...first, ok: false, words: NOT_CONFIRMED };
  return ask('POST', `/api/v1/confirmations/${encodeURIComponent(confirmation)}`, {});
}

/** A secret in an answer; empty where it has none. */
function told({ ok, body }: Outcome, name: 'csrf' | 'ticket'): string {
  const found = ok ? (body as Record<string, unknown> | undefined)?.[name] : undefined;
  return typeof found === 'string' ? found : '';
}

/** Asks the gateway. Never throws: a gateway that does not answer is an outcome too. */
export async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Outcome> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const bearer = token();
  if (bearer !== '') headers.authorization = `Bearer ${bearer}`;
  if (csrf !== '') headers['x-csrf-token'] = csrf;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['idempotency-key'] = crypto.randomUUID();
  try {
    return await outcomeOf(
      await fetch(path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  } catch (error) {
    return {
      ok: false,
      status: 0,
      words: `the gateway does not answer (${error instanceof Error ? error.message : error})`,
      body: undefined,
      text: '',
    };
  }
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const text = await response.text();
  const parsed = parse(text);
  return { ok: response.ok, status: response.status, words: wordsOf(parsed, response.status), body: parsed, text };
}

/** The page itself has asked already when it was opened. */
async function askForSession(): Promise<Outcome> {
  const early = await earlySession();
  return early === undefined ? ask('GET', '/api/v1/session') : outcomeOf(early);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsOf(body: unknown, status: number): string {
  const { title, detail } = (typeof body === 'object' && body !== null ? body : {}) as {
    title?: string;
    detail?: string;
  };
  return [title, detail].filter((part) => part !== undefined).join(': ') || `answer ${status}`;
}
