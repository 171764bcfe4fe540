import { needsSession } from '../channels/name.js';
import { refused } from '../rpc/errors.js';
import { Slices } from '../rpc/result.js';
import { type Call, connectionOf, type Method } from './method.js';

/** Channels of one request, as the venue allows. */
const MOST_CHANNELS = 500;
const PER_PIECE = 16;

/** Following channels. */
export const subscriptionMethods: readonly Method[] = [
  { name: 'public/subscribe', pool: 'subscriptions', serve: subscribe },
  { name: 'private/subscribe', scope: 'account:read', pool: 'subscriptions', serve: subscribe },
  { name: 'public/unsubscribe', pool: 'subscriptions', serve: unsubscribe },
  { name: 'private/unsubscribe', scope: 'account:read', pool: 'subscriptions', serve: unsubscribe },
  { name: 'public/unsubscribe_all', pool: 'subscriptions', serve: unsubscribeAll },
  { name: 'private/unsubscribe_all', scope: 'account:read', pool: 'subscriptions', serve: unsubscribeAll },
];

function subscribe(call: Call): Slices {
  const channels = call.params.texts('channels', MOST_CHANNELS);
  connectionOf(call);
  return new Slices(subscribing(call, channels));
}

/** What cannot be had is left out without a word, unless nothing is left. */
function* subscribing(call: Call, channels: readonly string[]): Generator<string> {
  const { venue } = call;
  const connection = connectionOf(call);
  // Own matters are the account's that has signed on here, not that of a token that came with the request.
  const account = connection.session?.key.account;
  let isRawRefused = false;
  let piece = '[';
  let granted = 0;
  for (const [index, name] of channels.entries()) {
    const parsed = venue.hub.find(name, account);
    if (parsed !== undefined && needsSession(parsed) && account === undefined) isRawRefused = true;
    else if (parsed !== undefined) {
      venue.hub.follow(connection, name, parsed);
      piece += `${granted++ === 0 ? '' : ','}${JSON.stringify(name)}`;
    }
    if ((index + 1) % PER_PIECE !== 0) continue;
    yield piece;
    piece = '';
  }
  if (granted === 0 && channels.length > 0) {
    throw refused(isRawRefused ? 'raw_subscriptions_not_available_for_unauthorized' : 'subscribe_error_unsubscribed');
  }
  yield `${piece}]`;
}

function unsubscribe(call: Call): Slices {
  const channels = call.params.texts('channels', MOST_CHANNELS);
  connectionOf(call);
  return new Slices(unsubscribing(call, channels));
}

function* unsubscribing(call: Call, channels: readonly string[]): Generator<string> {
  const connection = connectionOf(call);
  let piece = '[';
  let given = 0;
  for (const [index, name] of channels.entries()) {
    if (call.venue.hub.leave(connection, name)) piece += `${given++ === 0 ? '' : ','}${JSON.stringify(name)}`;
    if ((index + 1) % PER_PIECE !== 0) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}

function unsubscribeAll(call: Call): Slices {
  const connection = connectionOf(call);
  return new Slices(unsubscribingAll(call, [...connection.channels.keys()]));
}

function* unsubscribingAll(call: Call, channels: readonly string[]): Generator<string> {
  const connection = connectionOf(call);
  for (const [index, name] of channels.entries()) {
    call.venue.hub.leave(connection, name);
    if ((index + 1) % PER_PIECE === 0) yield '';
  }
  yield '"ok"';
}
