/** Entry of the gateway: a process of its own that shows the engine to people and passes their commands on. */
import { attachArena } from '../engine/runtime/arena/arena.js';
import { EdgeKind } from '../engine/runtime/arena/layout.js';
import { announcePresence, beat } from '../engine/runtime/arena/presence.js';
import { LatestReader } from '../engine/runtime/edge/latest-reader.js';
import { openShared } from '../engine/runtime/host/shared-memory.js';
import { libc } from '../engine/runtime/native/libc.js';
import { CommandWriter } from '../engine/runtime/peers/command-channel.js';
import { ownPeerSpec } from '../engine/runtime/peers/peer-spec.js';
import { attachBoard } from '../engine/runtime/supervision/board.js';
import { EngineView } from './engine-view.js';
import { serve } from './http-server.js';

export interface GatewaySettings extends Record<string, unknown> {
  host: string;
  port: number;
  /** Bearer token without which no command is taken. */
  token: string;
}

const BEAT_MS = 100;
/** Nonces of one start of this process. */
const NONCES_PER_START = 1e6;

const spec = ownPeerSpec();
const settings = spec.settings as GatewaySettings;
libc()?.nameThread('vf-gateway');
const commands = new CommandWriter(
  openShared(spec.commands, 'write'),
  spec.name,
  spec.peer,
  spec.engineRun,
  spec.start * NONCES_PER_START,
);
// Everything of the engine is mapped to be read: a fault here can stop the gateway, not the engine.
const board = attachBoard(openShared(spec.board, 'read'), spec.boardPlan, spec.engineRun, [commands.words]);
const tops = spec.shown.find(({ name }) => name === 'tops-shown');
const reader =
  tops === undefined
    ? undefined
    : new LatestReader(attachArena(openShared(tops.memory, 'read'), tops.name, EdgeKind.LATEST, spec.engineRun));
const server = serve(settings, new EngineView(board, reader), commands);
server.on('error', (error: NodeJS.ErrnoException) => {
  const why = error.code === 'EADDRINUSE' ? 'the port is taken; choose another with --port' : error.message;
  process.stderr.write(`cannot serve on ${settings.host}:${settings.port}: ${why}\n`);
  process.exit(1);
});

announcePresence(commands.words);
const parent = process.ppid;
setInterval(() => {
  beat(commands.words);
  // Adopted by another process: the engine is gone.
  if (process.env.VOLFILTER_PEER !== undefined && process.ppid !== parent) process.exit(0);
}, BEAT_MS);
// Ctrl-C and a closed terminal reach the whole process group: the engine decides when its peers end.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('SIGTERM', () => {
  server.close();
  process.exit(0);
});
