/** What the page asked for before the terminal's script was there. */
export interface Early {
  socket: WebSocket | undefined;
  /** The answer about the session; undefined where it was not asked for, or the gateway did not answer. */
  session: Promise<Response | undefined> | undefined;
}

declare global {
  var early: Early | undefined;
}

export const SUBPROTOCOL = 'volfilter.v1';
/** Where the API token of this tab is kept. */
export const TOKEN = 'volfilter.token';

export function socketUrl(): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/api/v1/ws`;
}

/** Whether a token or a link says who this is: then there is no session to ask for. */
export function isSignedInOtherwise(): boolean {
  return sessionStorage.getItem(TOKEN) !== null || location.hash.startsWith('#login=');
}

/** The socket that the page opened, once, as long as it is of use. */
export function earlySocket(): WebSocket | undefined {
  const { early } = globalThis;
  const socket = early?.socket;
  if (early !== undefined) early.socket = undefined;
  return socket !== undefined && socket.readyState <= WebSocket.OPEN ? socket : undefined;
}

/** The answer about the session that the page asked for, once. */
export async function earlySession(): Promise<Response | undefined> {
  const { early } = globalThis;
  const session = early?.session;
  if (early !== undefined) early.session = undefined;
  return session;
}
