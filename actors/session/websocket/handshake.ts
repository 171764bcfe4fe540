import { createHash, randomBytes } from 'node:crypto';

/** The text that RFC 6455 section 1.3 has both sides hash with the client's key. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Most bytes of a server's answer to the handshake. */
export const MOST_ANSWER_BYTES = 16 * 1024;

/** What can be wrong with the answer to a handshake. */
export type HandshakeFault =
  | 'ANSWER_NOT_HTTP'
  | 'ANSWER_TOO_LONG'
  | 'NOT_SWITCHED'
  | 'NOT_A_WEBSOCKET'
  | 'WRONG_ACCEPT'
  | 'NOT_ASKED_FOR';

export function newKey(): string {
  return randomBytes(16).toString('base64');
}

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}${GUID}`).digest('base64');
}

/** The request by which a connection becomes a WebSocket. Offers no extension: compressed frames cannot be read where they lie. */
export function upgradeRequest({ host, pathname, search }: URL, key: string): string {
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    '',
    '',
  ].join('\r\n');
}

/** What is wrong with a server's answer (all up to the empty line), its name first; undefined where it may go on. */
export function objectionTo(answer: string, key: string): string | undefined {
  const said = (fault: HandshakeFault, text: string): string => `${fault}: ${text}`;
  const [status = '', ...lines] = answer.split('\r\n');
  const [, code, reason = ''] = /^HTTP\/1\.1 (\d{3})(?: (.*))?$/.exec(status) ?? [];
  if (code === undefined) return said('ANSWER_NOT_HTTP', `expected HTTP/1.1, found '${status.slice(0, 80)}'`);
  if (code !== '101') return said('NOT_SWITCHED', `expected status 101, found ${code} ${reason.slice(0, 80)}`.trim());
  const fields = new Map<string, string>();
  for (const line of lines) {
    if (line === '') continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return said('ANSWER_NOT_HTTP', `expected a header, found '${line.slice(0, 80)}'`);
    const known = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), known === undefined ? value! : `${known}, ${value}`);
  }
  const upgrade = fields.get('upgrade') ?? '';
  if (upgrade.toLowerCase() !== 'websocket')
    return said('NOT_A_WEBSOCKET', `expected 'Upgrade: websocket', found '${upgrade.slice(0, 80)}'`);
  const options = (fields.get('connection') ?? '').toLowerCase().split(/[ \t]*,[ \t]*/);
  if (!options.includes('upgrade')) return said('NOT_A_WEBSOCKET', "expected 'Connection: Upgrade'");
  const accept = fields.get('sec-websocket-accept') ?? '';
  if (accept !== acceptOf(key))
    return said('WRONG_ACCEPT', `expected 'Sec-WebSocket-Accept: ${acceptOf(key)}', found '${accept.slice(0, 80)}'`);
  for (const name of ['sec-websocket-extensions', 'sec-websocket-protocol'])
    if (fields.has(name)) return said('NOT_ASKED_FOR', `the server sets ${name}, which we did not offer`);
  return undefined;
}
