/** Entry of the gateway: a process of its own that shows the engine to people and passes their commands on. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachArena } from '../engine/runtime/arena/arena.js';
import { EdgeKind } from '../engine/runtime/arena/layout.js';
import { announcePresence, beat } from '../engine/runtime/arena/presence.js';
import { LatestReader } from '../engine/runtime/edge/latest-reader.js';
import { openShared } from '../engine/runtime/host/shared-memory.js';
import { libc } from '../engine/runtime/native/libc.js';
import { CommandWriter } from '../engine/runtime/peers/command-channel.js';
import { ownPeerSpec } from '../engine/runtime/peers/peer-spec.js';
import { attachBoard } from '../engine/runtime/supervision/board.js';
import { Log } from '../engine/telemetry/log/log.js';
import { Redaction } from '../engine/telemetry/log/redaction.js';
import { EngineView } from './engine-view.js';
import { Gateway } from './gateway.js';
import type { GatewaySettings } from './gateway-settings.js';
import { ProfileBox } from './profiles/profile-box.js';
import { requestReports } from './request-reports.js';
import { seedLimits } from './topics/seed-limits.js';
import { TopicSet } from './topics/topic-set.js';
import { chooseTransport } from './transport/choose-transport.js';

export type { GatewaySettings } from './gateway-settings.js';

const BEAT_MS = 250;
/** Nonces of one start of this process. */
const NONCES_PER_START = 1e6;
const CONNECTION_FILE = 'connection.json';

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
const arenas = spec.shown.map(({ name, memory }) => {
  const arena = attachArena(openShared(memory, 'read'), name, EdgeKind.LATEST, spec.engineRun);
  return [name, arena] as const;
});
const shown = new Map(arenas);
const topsShown = shown.get('tops-shown');
const own = { clients: 0, lagging: 0, frames: 0 };
const topics = new TopicSet({ board, engineRun: spec.engineRun, shown, own });
seedLimits(topics.merge('limits'), settings.limits ?? {});
const { folder } = settings;
/** The first gateway of an engine tells where it is; others have logs of their own beside its. */
const isFirst = spec.name === 'gateway';
const redaction = new Redaction();
redaction.hideEnvironment(process.env);
redaction.hide(settings.token);
const requestLog =
  settings.log === undefined
    ? undefined
    : new Log({
        folder: settings.log,
        name: spec.name,
        bindings: { engine: spec.engineRun, pid: process.pid },
        redaction,
      }).of('requests');
/** What the gateway itself got wrong is told to whoever mends it. The library is loaded for that alone. */
const dsn = process.env.VOLFILTER_SENTRY_DSN ?? '';
const reportRequest =
  dsn === ''
    ? undefined
    : requestReports(
        import('../engine/telemetry/errors/error-reports.js').then(
          ({ ErrorReports }) =>
            new ErrorReports(
              { dsn, release: settings.version ?? '', environment: 'gateway', redaction },
              { engine: spec.engineRun },
            ),
        ),
      );
/** Redis or Valkey, for gateways that are several; the library is loaded for that alone. */
const redis = process.env.VOLFILTER_REDIS_URL ?? '';
redaction.hide(redis);
const noteRedis = (message: string): void => {
  process.stderr.write(`${redaction.of(message)}\n`);
};
const shared =
  redis === ''
    ? undefined
    : await import('./shared/redis-store.js').then(
        ({ RedisStore }) => new RedisStore({ url: redis, note: noteRedis }),
        (error: Error) => void noteRedis(`gateways share nothing: ${error.message}`),
      );
const baseUrl = process.env.ANTHROPIC_BASE_URL;
const gateway = new Gateway({
  topics,
  view: new EngineView(board, topsShown === undefined ? undefined : new LatestReader(topsShown)),
  board,
  ownProcess: process.env.VOLFILTER_PEER !== undefined,
  commands,
  peer: spec.peer,
  token: settings.token,
  epoch: randomBytes(4).readUInt32LE(),
  own,
  ...(folder === undefined ? {} : { folder }),
  ...(settings.profiles === undefined ? {} : { profiles: new ProfileBox(settings.profiles, spec.name) }),
  ...(shared === undefined ? {} : { shared }),
  auditFile: isFirst ? 'audit.jsonl' : `audit-${spec.name}.jsonl`,
  keepsReports: isFirst,
  // Built beside this code; nothing of it is a module of ours.
  pages: join(dirname(dirname(fileURLToPath(import.meta.url))), 'ui'),
  secure: settings.tls !== undefined,
  version: settings.version ?? '',
  assistant: {
    ...settings.assistant,
    // By the names that the SDK itself gives them: a proxy of the house is set where every program looks for it.
    ...(baseUrl === undefined || baseUrl === '' ? {} : { baseUrl }),
    key: process.env.ANTHROPIC_API_KEY ?? '',
  },
  log: (line) => {
    reportRequest?.(line);
    // What was read without trouble is counted, not kept: a screen that polls would fill the disk.
    if (line.status >= 400 || (line.method !== 'GET' && line.method !== 'HEAD'))
      requestLog?.info(line, `${line.method} ${line.path}`);
  },
});
const transport = chooseTransport(settings.transport ?? 'auto', settings, gateway);

/** Tells programs of the same user where the gateway is and by which token they may ask. */
function leaveConnection(port: number): void {
  if (folder === undefined || !isFirst) return;
  const url = `${settings.tls === undefined ? 'http' : 'https'}://${settings.host}:${port}`;
  const content = { url, token: settings.token, transport: transport.name, pid: process.pid };
  writeFileSync(join(folder, CONNECTION_FILE), `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

transport.listen().then(
  (port) => {
    gateway.serves([
      ...[settings.host, '127.0.0.1', 'localhost', '[::1]'].map((host) => `${host}:${port}`),
      ...(settings.hosts ?? []),
    ]);
    gateway.start();
    leaveConnection(port);
    const first = gateway.users.find('admin');
    if (isFirst && gateway.users.isNew && first !== undefined && folder !== undefined) {
      const link = gateway.sessions.link(first);
      process.stderr.write(`sign in once, within 15 minutes: http://${settings.host}:${port}/#login=${link}\n`);
    }
  },
  (error: NodeJS.ErrnoException) => {
    const why = error.code === 'EADDRINUSE' ? 'the port is taken; choose another with --port' : error.message;
    process.stderr.write(`cannot serve on ${settings.host}:${settings.port}: ${why}\n`);
    process.exit(1);
  },
);

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
  gateway.stop();
  process.exit(0);
});
