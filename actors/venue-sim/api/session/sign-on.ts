import { refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import type { ApiKey, VenueSecrets } from './keys.js';
import type { Session, Tokens } from './tokens.js';

/** How far a signature's time may be from the venue's, milliseconds. */
const MOST_SKEW_MS = 60_000;
const LONGEST_DATA = 1024;

/** What signing on needs of the venue. */
export interface SignOnDesk {
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly tokens: Tokens;
  readonly secrets: VenueSecrets;
}

/** `public/auth`: a key with its secret or a signature, or a refresh token. Throws `invalid_credentials`. */
export function signOn(desk: SignOnDesk, params: Params, connection: number | undefined, now: number): Session {
  const grant = params.choice('grant_type', ['client_credentials', 'client_signature', 'refresh_token']);
  const scope = params.optionalText('scope', 512);
  if (grant === 'refresh_token') return desk.tokens.refresh(params.text('refresh_token', 1024), scope, connection, now);
  const key = desk.keys.get(params.text('client_id'));
  if (grant === 'client_credentials') {
    const secret = params.text('client_secret');
    if (key === undefined || secret !== key.clientSecret) throw refused('invalid_credentials');
    return desk.tokens.issue(key, scope, connection, now);
  }
  const timestamp = params.number('timestamp');
  const signature = params.text('signature');
  const nonce = params.optionalText('nonce', LONGEST_DATA) ?? '';
  const data = params.optionalText('data', LONGEST_DATA) ?? '';
  if (key === undefined) throw refused('invalid_credentials');
  checkSignature(desk, key, timestamp, `${timestamp}\n${nonce}\n${data}`, signature, now);
  return desk.tokens.issue(key, scope, connection, now);
}

/** What an HTTP request is signed over, beside its time and nonce. */
export interface SignedRequest {
  verb: string;
  /** Path with query, as it was asked for. */
  uri: string;
  body: string;
}

/**
 * The session of an `Authorization` header: `deri-hmac-sha256 id=..,ts=..,sig=..,nonce=..`, `Basic` with key and secret, or
 * `Bearer` with a token. Throws `invalid_credentials` or `unauthorized`.
 */
export function sessionOfHeader(desk: SignOnDesk, header: string, request: SignedRequest, now: number): Session {
  const [scheme = '', rest = ''] = splitOnce(header.trim(), ' ');
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return desk.tokens.find(rest.trim(), undefined, now);
    case 'basic': {
      const [clientId, secret] = splitOnce(Buffer.from(rest.trim(), 'base64').toString(), ':');
      const key = desk.keys.get(clientId ?? '');
      if (key === undefined || secret !== key.clientSecret) throw refused('invalid_credentials');
      return passing(key, now);
    }
    case 'deri-hmac-sha256': {
      const fields = new Map(rest.split(',').map((field) => splitOnce(field.trim(), '=') as [string, string]));
      const key = desk.keys.get(fields.get('id') ?? '');
      if (key === undefined) throw refused('invalid_credentials');
      const { verb, uri, body } = request;
      const ts = fields.get('ts') ?? '';
      const text = `${ts}\n${fields.get('nonce') ?? ''}\n${verb}\n${uri}\n${body}\n`;
      checkSignature(desk, key, Number(ts), text, fields.get('sig') ?? '', now);
      return passing(key, now);
    }
    default:
      throw refused('invalid_credentials');
  }
}

/** A session of one request, of which no token is ever given out. */
function passing(key: ApiKey, now: number): Session {
  return {
    key,
    scope: key.scope,
    accessToken: '',
    refreshToken: '',
    connection: undefined,
    expires: now,
    expiresIn: 0,
  };
}

function checkSignature(
  { secrets }: SignOnDesk,
  key: ApiKey,
  timestampMs: number,
  text: string,
  signature: string,
  now: number,
): void {
  const isRecent = Math.abs(now / 1000 - timestampMs) <= MOST_SKEW_MS;
  if (!isRecent || secrets.hmacSha256(key.clientSecret, text) !== signature.toLowerCase()) {
    throw refused('invalid_credentials');
  }
}

function splitOnce(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
