import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RISK_DEFAULTS } from '../../../actors/risk/risk.js';
import { type EngineSettings, topology } from '../../../actors/topology.js';
import { mappedFilesUnavailable } from '../../runtime/arena/mapped-file.js';
import { createRunFolder, type EngineRun, removeRunFolder } from '../../runtime/arena/run-folder.js';
import { Engine } from '../../runtime/host/engine.js';
import { WaitingThread } from '../../runtime/host/waiting-thread.js';
import type { WarmUpLimits } from '../../runtime/host/warm-up.js';
import { ActorCounter } from '../../runtime/supervision/board.js';
import { hdrLog } from '../../runtime/supervision/telemetry-report.js';
import { autoPlacement, inRealTime } from '../../runtime/topology/placement.js';
import { readFilterFile, withFilter } from '../filter/filter-file.js';
import { packageVersion } from '../package-version.js';
import { alertLines } from './alert-lines.js';
import { openAlerts } from './alert-source.js';
import { ArchiveRuns, type ArchiveSettings } from './archive-runs.js';
import { deskLines } from './desk-lines.js';
import { endRequested } from './end-requested.js';
import { EngineNotes } from './engine-notes.js';
import { gatewayPorts } from './gateway-ports.js';
import { instrumentNames } from './instrument-names.js';
import { openJournal } from './journal-source.js';
import { LatencyScreen } from './latency-screen.js';
import { marketLines } from './market-lines.js';
import { ProfileDesk } from './profile-desk.js';
import { profitReport } from './profit-report.js';
import { MODE_CODES, type ModeOptions, openMode } from './run-mode.js';
import { type PeerSettings, RunPeers } from './run-peers.js';
import { runTraces } from './run-traces.js';
import { ShownBeside } from './shown-beside.js';
import { StartTimeline, startWatch } from './start-timeline.js';
import { StoreProcess } from './store-process.js';
import { tradingLines } from './trading-lines.js';
import { volLines } from './vol-lines.js';

export interface RunOptions extends ModeOptions {
  seconds?: number;
  port: number;
  /** Gateways, on this port and those after it; 1 where it is not said. */
  gateways?: number;
  /** Folder of the gateway's users and audit log; without one nobody but the terminal's token may act. */
  gateway?: string | false;
  /** Compute threads before everything else on their CPUs. */
  realtime?: boolean;
  /** Whether the journal's SQL store is kept beside the run. */
  store?: boolean;
  /** File with model, refits and thresholds of the volatility filter. */
  filter?: string;
  /** Folder of the alerts' rules, sinks and commands; without one the usual rules hold. */
  alerts?: string | false;
  /** Folder of the logs; without one what is said is on the terminal alone. */
  log?: string | false;
  /** What leaves the journal while the engine runs; nothing where it is not said. */
  archives?: ArchiveSettings;
  /** Collector that samples of what happens are sent to, and the seconds from one to the next. */
  traces?: string;
  traceEvery?: number;
  /** File for the hops' histograms as an HdrHistogram log. */
  latencyLog?: string;
  /** File for the board's counters and percentiles. */
  telemetryJson?: string;
}

const REFRESH_MS = 500;
/** How finely a start is timed; a look costs microseconds, and ends when quotes rest. */
const START_LOOK_MS = 50;
/** A compute thread that is asked for its collections allocates a little: once in ten seconds is enough for a graph. */
const LOOK_AT_COLLECTIONS_EVERY = 20;
/** While it lasts code is compiled and memory first touched, and nothing that adds risk passes. A chain of the simulated venue is 2000 events and more. */
const WARM_UP: WarmUpLimits = { mostMs: 2000, events: 1000 };
const HOST = '127.0.0.1';
/** What every compute thread loads. */
const TOPOLOGY = new URL('../../../actors/topology.js', import.meta.url).href;
const TRACE_EVERY_SECONDS = 5;

/** Runs the engine until q, Ctrl-C, a signal or the given time; resolves with the exit code. */
export async function runEngine(options: RunOptions): Promise<number> {
  const waiting = new WaitingThread(TOPOLOGY);
  try {
    return await runWith(waiting, options);
  } finally {
    await waiting.close();
  }
}

async function runWith(waiting: WaitingThread, options: RunOptions): Promise<number> {
  const screen = new LatencyScreen(process.stdout);
  const engineRun = 1 + Math.floor(Math.random() * 0x7ffffffe);
  const notes = new EngineNotes(options.log, { engine: engineRun, pid: process.pid });
  notes.listen((level, who, message) => screen.note(`${level} ${who}: ${message}`));
  notes.reportErrors(options.mode ?? 'sim', { engine: engineRun });
  const start = new StartTimeline(
    () => performance.now(),
    (step, afterMs) => notes.note('info', 'start', `${step} after ${(afterMs / 1000).toFixed(2)} s`),
  );
  const filtering = options.filter === undefined ? undefined : readFilterFile(options.filter);
  const source = await openMode(options, (text) => notes.note('warn', 'venue', text));
  start.reach('the venue is there');
  const chosenCore = withFilter(source.settings.core, filtering);
  notes.redaction.hideWithin(source.settings);
  notes.redaction.hideWithin(source.venue);
  const end = endRequested(options.seconds);
  const unavailable = mappedFilesUnavailable();
  const run = unavailable === undefined ? createRunFolder(engineRun) : undefined;
  if (unavailable !== undefined)
    notes.note('warn', 'engine', `${unavailable}: killer and gateway run as threads, not as processes`);
  let archives: ArchiveRuns | undefined;
  let peers: RunPeers | undefined;
  try {
    const {
      restored,
      run: number,
      ...kept
    } = await openJournal(options.journal, chosenCore, (text) => notes.note('info', 'journal', text));
    start.reach('the journal is read');
    peers = new RunPeers(run, engineRun, options.gateways ?? 1);
    const { files } = peers;
    const started = { run: number, mode: MODE_CODES[options.mode ?? 'sim'] };
    const alerts = openAlerts(options.alerts ?? false, number);
    const settings: EngineSettings = {
      ...source.settings,
      core: chosenCore,
      ...kept,
      start: started,
      alerts,
      peers: files,
    };
    const built = topology(settings);
    const auto = autoPlacement(built);
    const placement = options.realtime === true ? inRealTime(auto) : auto;
    if (placement.housekeepingCpu !== undefined) source.pin?.(placement.housekeepingCpu);
    const { core } = settings;
    const beside = new ShownBeside(run, engineRun, core.instruments, source.market);
    notes.listen((level, who, message) => beside.note(`${level} ${who}: ${message}`));
    const engine = new Engine({
      topologyModule: TOPOLOGY,
      waiting,
      topology: built,
      settings,
      placement,
      engineRun,
      engineId: 1,
      ...(run === undefined ? {} : { run }),
      snapshots: kept.snapshots !== undefined,
      warmUp: WARM_UP,
      ...(restored === undefined ? {} : { restored }),
      peerFiles: files.map(({ memory }) => memory),
      onNote: (level, who, message) => notes.note(level, who, message),
    });
    const startedMs = Date.now();
    const token = randomBytes(16).toString('hex');
    notes.redaction.hide(token);
    const profiles = profilesFolder(options.gateway, run);
    const ports = await gatewayPorts(options.port, options.gateways ?? 1, HOST);
    const peerSettings: PeerSettings = {
      gateway: {
        host: HOST,
        token,
        ...(options.gateway === undefined || options.gateway === false ? {} : { folder: resolve(options.gateway) }),
        ...(options.log === undefined || options.log === false ? {} : { log: resolve(options.log) }),
        ...(profiles === undefined ? {} : { profiles }),
        limits: { ...(core.risk?.limits ?? RISK_DEFAULTS.limits) },
        version: packageVersion(),
        assistant: {
          ...(options.journal === false ? {} : { journal: resolve(options.journal) }),
          ...(options.alerts === undefined || options.alerts === false ? {} : { alerts: resolve(options.alerts) }),
        },
      },
      ports,
      venue: source.venue,
      shown: beside.edges,
      note: (level, who, message) => notes.note(level, who, message),
    };
    // Processes load beside the engine's threads; a thread of this process would be laid out before V8 is prepared for it.
    if (run !== undefined) peers.startGateways(engine, peerSettings);
    for (const port of ports)
      screen.note(`the engine's state: http://${HOST}:${port}/api/v1/state   token for commands: ${token}`);
    await engine.start();
    start.reach('all threads run');
    if (run === undefined) peers.startGateways(engine, peerSettings);
    peers.settleGateways(placement.housekeepingCpu);
    peers.startKiller(engine, peerSettings);
    const look = startWatch(start, engine, engineRun, source.market);
    const timing = setInterval(() => {
      look();
      if (start.isOver) clearInterval(timing);
    }, START_LOOK_MS);
    notes.note('info', 'engine', `volfilter ${packageVersion()}: run ${number}, ${options.mode ?? 'sim'}`);
    const traces = runTraces(engine, built, notes, {
      ...(options.traces === undefined ? {} : { endpoint: options.traces }),
      every: options.traceEvery ?? TRACE_EVERY_SECONDS,
      environment: options.mode ?? 'sim',
      run: number,
    });
    const desk = profiles === undefined ? undefined : new ProfileDesk(profiles, engine);
    const store =
      options.journal === false || options.store !== true
        ? undefined
        : new StoreProcess(resolve(options.journal), (message) => notes.note('info', 'store', message));
    store?.start();
    const market = source.market;
    const names = market === undefined ? undefined : instrumentNames(market.definitions);
    const sections = [
      tradingLines(engine.shown, engineRun, (id) => names?.(id) ?? `#${id}`),
      ...(market === undefined
        ? []
        : [
            deskLines(engine.shown, engineRun, market),
            volLines(engine.shown, engineRun, market),
            marketLines(engine.shown, engineRun, market),
          ]),
      alertLines(engine.shown, engineRun, market?.definitions),
    ];
    screen.begin(engine.board, placement, () => sections.flatMap((lines) => lines()));
    if (options.archives !== undefined && options.journal !== false)
      archives = new ArchiveRuns(options.journal, options.archives, (text) => notes.note('info', 'archive', text));
    const recorderCounters = engine.board.actorCounters(engine.boardPlan.actors.indexOf('recorder'));
    let refreshes = 0;
    const refresh = setInterval(() => {
      beside.refresh();
      beside.showStart(start);
      beside.showEdges(engine.edges());
      recorderCounters[ActorCounter.STORE_LAG_MS] = store?.lagMs ?? Number.NaN;
      beside.showOutside(engine.outside());
      desk?.poll();
      if (++refreshes % LOOK_AT_COLLECTIONS_EVERY === 0) engine.board.askForCollections();
      screen.draw();
    }, REFRESH_MS);
    const why = await end.ended;
    clearInterval(refresh);
    clearInterval(timing);
    traces?.stop();
    desk?.close();
    await engine.stop();
    await Promise.all([peers.stop(), store?.stop()]);
    notes.note('info', 'engine', `ended: ${why}`);
    screen.end(why);
    const report = profitReport(engine.shown, engineRun, source.market?.definitions);
    if (report.underlyings.length > 0) {
      screen.note(report.text());
      if (options.journal !== false) report.keep(options.journal, number, options.mode ?? 'sim');
    }
    if (options.latencyLog !== undefined)
      writeFileSync(options.latencyLog, hdrLog(engine.board, startedMs, Date.now()));
    if (options.telemetryJson !== undefined) {
      writeFileSync(options.telemetryJson, `${JSON.stringify(engine.telemetry(), null, 2)}\n`);
    }
  } finally {
    await archives?.stop();
    // Once is enough; an engine that could not be started has not come to it.
    await peers?.stop();
    await source.close();
    // The terminal would keep the process when the engine could not be started.
    end.release();
    if (run !== undefined) removeRunFolder(run);
    notes.close();
  }
  return 0;
}

/** Where gateways ask for profiles of the engine's threads; nowhere where there is no folder that both have. */
function profilesFolder(gateway: string | false | undefined, run: EngineRun | undefined): string | undefined {
  if (gateway !== undefined && gateway !== false) return resolve(gateway, 'profiles');
  return run === undefined ? undefined : join(run.path, 'profiles');
}
