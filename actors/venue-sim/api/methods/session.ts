import { invalidParam, RefusedRequest, refused } from '../rpc/errors.js';
import { EndOfConnection } from '../rpc/served.js';
import { Heartbeat } from '../session/heartbeat.js';
import { signOn } from '../session/sign-on.js';
import type { Session } from '../session/tokens.js';
import { type Call, connectionOf, type Method, sessionOf } from './method.js';

const VERSION = '1.2.26';
const MOST_HEARTBEAT_S = 86_400;

/** Signing on and off, heartbeats, and what becomes of orders when a connection breaks. */
export const sessionMethods: readonly Method[] = [
  { name: 'public/auth', serve: auth },
  { name: 'private/logout', scope: 'account:read', serve: logout },
  { name: 'public/hello', serve: hello },
  { name: 'public/test', serve: test },
  { name: 'public/get_time', serve: ({ now }) => Math.floor(now / 1000) },
  { name: 'public/status', serve: status },
  { name: 'public/set_heartbeat', serve: setHeartbeat },
  { name: 'public/disable_heartbeat', serve: disableHeartbeat },
  { name: 'private/enable_cancel_on_disconnect', scope: 'account:read_write', serve: (call) => setCancel(call, true) },
  {
    name: 'private/disable_cancel_on_disconnect',
    scope: 'account:read_write',
    serve: (call) => setCancel(call, false),
  },
  { name: 'private/get_cancel_on_disconnect', scope: 'account:read', serve: getCancel },
];

function auth(call: Call): object {
  const { venue, params, connection } = call;
  const state = params.optionalText('state', 128);
  const session = signOn(venue, params, connection?.number, call.now);
  if (connection !== undefined) {
    if (connection.session !== undefined && connection.session.key !== session.key) venue.forgetChannels(connection);
    connection.session = session;
    if (!connection.choseCancelOnDisconnect) {
      connection.cancelsOnDisconnect = venue.cancelOnDisconnect.ofAccount(session.key.account);
    }
  }
  return tokenAnswer(session, state);
}

function tokenAnswer(session: Session, state: string | undefined): object {
  return {
    access_token: session.accessToken,
    expires_in: session.expiresIn,
    refresh_token: session.refreshToken,
    scope: session.scope,
    token_type: 'bearer',
    enabled_features: [],
    ...(state === undefined ? {} : { state }),
  };
}

function logout(call: Call): never {
  const { venue, params } = call;
  const connection = connectionOf(call);
  if (params.flag('invalidate_token', true)) venue.tokens.end(sessionOf(call));
  connection.session = undefined;
  throw new EndOfConnection('logout');
}

function hello({ params }: Call): object {
  params.text('client_name');
  params.text('client_version');
  return { version: VERSION };
}

function test({ params, connection }: Call): object {
  connection?.heartbeat.answered();
  if (params.optionalText('expected_result') === 'exception') throw new RefusedRequest(11_094, 'internal_server_error');
  return { version: VERSION };
}

function status({ venue, now }: Call): object {
  if (!venue.chaos.isUnderMaintenance(now / 1000)) return { locked: 'false' };
  return { locked: 'true', locked_indices: venue.listing.indexNames };
}

function setHeartbeat(call: Call): string {
  const seconds = call.params.number('interval');
  if (!Heartbeat.allows(seconds) || seconds > MOST_HEARTBEAT_S) {
    throw invalidParam('interval', `must be between 10 and ${MOST_HEARTBEAT_S}`);
  }
  connectionOf(call).heartbeat.start(seconds, call.venue.machineNow());
  return 'ok';
}

function disableHeartbeat(call: Call): string {
  connectionOf(call).heartbeat.stop();
  return 'ok';
}

function setCancel(call: Call, enabled: boolean): string {
  const scope = call.params.optionalChoice('scope', ['connection', 'account']) ?? 'connection';
  if (scope === 'account') {
    call.venue.cancelOnDisconnect.setAccount(sessionOf(call).key.account, enabled);
    return 'ok';
  }
  if (call.connection === undefined) throw refused('must_be_websocket_request');
  call.connection.cancelsOnDisconnect = enabled;
  call.connection.choseCancelOnDisconnect = true;
  return 'ok';
}

function getCancel(call: Call): object {
  const { account } = sessionOf(call).key;
  const asked = call.params.optionalChoice('scope', ['connection', 'account']);
  const scope = asked ?? (call.connection === undefined ? 'account' : 'connection');
  const enabled =
    scope === 'account'
      ? call.venue.cancelOnDisconnect.ofAccount(account)
      : (call.connection?.cancelsOnDisconnect ?? false);
  return { scope, enabled };
}
