import { type ChaosConfig, chaosObjection, chaosSettings } from '../../chaos/config.js';
import type { VenueConnection } from '../connection.js';
import { invalidParam, refused } from '../rpc/errors.js';
import type { Call, Method } from './method.js';

const LONGEST_MS = 3_600_000;

/** Torture at a word: methods that no venue has, in a namespace of their own. Any session may use them. */
export const controlMethods: readonly Method[] = [
  { name: 'sim/get_chaos', scope: 'account:read', serve: getChaos },
  { name: 'sim/set_chaos', scope: 'account:read', serve: setChaos },
  { name: 'sim/set_maintenance', scope: 'account:read', serve: setMaintenance },
  { name: 'sim/pause_market', scope: 'account:read', serve: pauseMarket },
  { name: 'sim/jump_clock', scope: 'account:read', serve: jumpClock },
  { name: 'sim/stall', scope: 'account:read', serve: stall },
  { name: 'sim/disconnect', scope: 'account:read', serve: disconnect },
  { name: 'sim/restart', scope: 'account:read', serve: restart },
  { name: 'sim/get_counters', scope: 'account:read', serve: getCounters },
];

function getChaos({ venue }: Call): object {
  return { settings: venue.chaos.config, counts: Object.fromEntries(venue.chaos.counts) };
}

function setChaos(call: Call): object {
  const { venue, params } = call;
  const changes: Partial<ChaosConfig> = {};
  for (const setting of chaosSettings) {
    const value = params.optionalNumber(setting);
    if (value === undefined) continue;
    const objection = chaosObjection(setting, value);
    if (objection !== undefined) throw invalidParam(setting, objection);
    changes[setting] = value;
  }
  venue.chaos.configure(changes, venue.machineNow() / 1000);
  return getChaos(call);
}

function setMaintenance({ venue, params }: Call): string {
  venue.chaos.maintain(params.flag('enabled', true));
  return 'ok';
}

function pauseMarket({ venue, params }: Call): string {
  venue.isPaused = params.flag('enabled', true);
  return 'ok';
}

function jumpClock({ venue, params }: Call): number {
  venue.chaos.clockShiftMicros += params.integer('ms', -LONGEST_MS, LONGEST_MS) * 1000;
  return venue.shiftMs;
}

/** Connections that a control is about: all, or one. */
function chosen({ venue, params }: Call): VenueConnection[] {
  const number = params.optionalInteger('connection', 1, Number.MAX_SAFE_INTEGER);
  const found = venue.connections().filter((one) => number === undefined || one.number === number);
  if (number !== undefined && found.length === 0) throw refused('not_found');
  return found;
}

function stall(call: Call): number {
  const micros = call.params.integer('ms', 1, LONGEST_MS) * 1000;
  const connections = chosen(call);
  for (const connection of connections) connection.stall(micros, call.venue.machineNow());
  return connections.length;
}

function disconnect(call: Call): number {
  const connections = chosen(call);
  for (const connection of connections) call.venue.endSoon(connection, 'broken');
  return connections.length;
}

/** Forgets sessions and connections, and keeps orders. */
function restart({ venue }: Call): string {
  venue.tokens.clear();
  for (const connection of venue.connections()) venue.endSoon(connection, 'restart');
  return 'ok';
}

function getCounters({ venue }: Call): object {
  return venue.counters();
}
