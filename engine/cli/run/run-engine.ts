import { randomBytes } from 'node:crypto';
import { type EngineSettings, topology } from '../../../actors/topology.js';
import { mappedFilesUnavailable } from '../../runtime/arena/mapped-file.js';
import { createRunFolder, type EngineRun, removeRunFolder } from '../../runtime/arena/run-folder.js';
import { Engine } from '../../runtime/host/engine.js';
import { WaitingThread } from '../../runtime/host/waiting-thread.js';
import type { WarmUpLimits } from '../../runtime/host/warm-up.js';
import { autoPlacement, inRealTime } from '../../runtime/topology/placement.js';
import { readFilterFile, withFilter } from '../filter/filter-file.js';
import { packageVersion } from '../package-version.js';
import { openAlerts } from './alert-source.js';
import { Attendants } from './attendants.js';
import { endRequested } from './end-requested.js';
import { EngineNotes } from './engine-notes.js';
import type { FeedSource } from './feed-source.js';
import { gatewayPorts } from './gateway-ports.js';
import { gatewaySettings, HOST, profilesFolder } from './gateway-settings.js';
import { openJournal } from './journal-source.js';
import { lastReports } from './last-reports.js';
import { LatencyScreen } from './latency-screen.js';
import { MODE_CODES, openMode } from './run-mode.js';
import type { RunOptions } from './run-options.js';
import { type PeerSettings, RunPeers } from './run-peers.js';
import { screenSections } from './screen-sections.js';
import { ShownBeside } from './shown-beside.js';
import { StartTimeline, startWatch } from './start-timeline.js';
import { holdAgain } from './venue-holdings.js';
import { requireFolders } from './writable-folder.js';

/** How finely a start is timed; a look costs microseconds, and ends when quotes rest. */
const START_LOOK_MS = 50;
/** While it lasts code is compiled and memory first touched, and nothing that adds risk passes. A chain of the simulated venue is 2000 events and more. */
const WARM_UP: WarmUpLimits = { mostMs: 2000, events: 1000 };
/** What every compute thread loads. */
const TOPOLOGY = new URL('../../../actors/topology.js', import.meta.url).href;

/** Runs the engine until q, Ctrl-C, a signal or the given time; resolves with the exit code. */
export async function runEngine(options: RunOptions): Promise<number> {
  requireFolders(options);
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
  const notes = openNotes(options, engineRun, screen);
  const start = new StartTimeline(
    () => performance.now(),
    (step, afterMs) => notes.note('info', 'start', `${step} after ${(afterMs / 1000).toFixed(2)} s`),
  );
  // Before the venue is opened: a filter that cannot be read is refused at once.
  const filtering = options.filter === undefined ? undefined : readFilterFile(options.filter);
  const source = await openMode(options, (text) => notes.note('warn', 'venue', text));
  start.reach('the venue is there');
  notes.redaction.hideWithin(source.settings);
  notes.redaction.hideWithin(source.venue);
  const core = withFilter(source.settings.core, filtering);
  const end = endRequested(options.seconds);
  const run = createRun(engineRun, notes);
  let peers: RunPeers | undefined;
  let attendants: Attendants | undefined;
  try {
    const journal = await openJournal(options.journal, core, (text) => notes.note('info', 'journal', text));
    const { restored, run: number, ...kept } = journal;
    start.reach('the journal is read');
    if (restored !== undefined)
      await holdAgain(source, restored, core, (level, text) => notes.note(level, 'venue', text));
    peers = new RunPeers(run, engineRun, options.gateways ?? 1);
    const settings: EngineSettings = {
      ...source.settings,
      core,
      ...kept,
      start: { run: number, mode: MODE_CODES[options.mode ?? 'sim'] },
      alerts: openAlerts(options.alerts ?? false, number),
      peers: peers.files,
    };
    const built = topology(settings);
    const auto = autoPlacement(built);
    const placement = options.realtime === true ? inRealTime(auto) : auto;
    const { housekeepingCpu } = placement;
    const { market } = source;
    const beside = new ShownBeside(run, engineRun, core.instruments, market);
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
      peerFiles: peers.files.map(({ memory }) => memory),
      onNote: (level, who, message) => notes.note(level, who, message),
      onPlaced: () => {
        peers?.settle(housekeepingCpu);
        if (housekeepingCpu !== undefined) source.pin?.(housekeepingCpu);
      },
    });
    const startedMs = Date.now();
    const peerSettings = await settingsOfPeers(options, { run, core, source, beside, notes });
    // Processes load beside the engine's threads; a thread of this process would be laid out before V8 is prepared for it.
    if (run !== undefined) peers.startGateways(engine, peerSettings);
    for (const port of peerSettings.ports)
      screen.note(
        `the engine's state: http://${HOST}:${port}/api/v1/state   token for commands: ${peerSettings.gateway.token}`,
      );
    await engine.start();
    start.reach('all threads run');
    if (run === undefined) peers.startGateways(engine, peerSettings);
    peers.startKiller(engine, peerSettings);
    const timing = watchStart(start, startWatch(start, engine, engineRun, market));
    notes.note('info', 'engine', `volfilter ${packageVersion()}: run ${number}, ${purposeOf(options)}`);
    screen.begin(engine.board, placement, screenSections(engine, engineRun, market));
    attendants = new Attendants(options, {
      engine,
      topology: built,
      run: number,
      notes,
      start,
      beside,
      profiles: profilesFolder(options, run),
      draw: () => screen.draw(),
    });
    const why = await end.ended;
    clearInterval(timing);
    attendants.leave();
    await engine.stop();
    await Promise.all([peers.stop(), attendants.stop()]);
    notes.note('info', 'engine', `ended: ${why}`);
    screen.end(why);
    lastReports(options, { engine, engineRun, run: number, startedMs, market }, (text) => screen.note(text));
  } finally {
    // Once is enough; an engine that could not be started has not come to it.
    await Promise.all([peers?.stop(), attendants?.stop()]);
    await source.close();
    // The terminal would keep the process when the engine could not be started.
    end.release();
    if (run !== undefined) removeRunFolder(run);
    notes.close();
  }
  return 0;
}

/** What a run is for, in a word: a real venue's market data without a mode is recorded alone. */
function purposeOf({ mode, feed }: RunOptions): string {
  return mode ?? (feed.kind === 'live' ? 'recording' : 'sim');
}

function openNotes({ log, mode = 'sim' }: RunOptions, engineRun: number, screen: LatencyScreen): EngineNotes {
  const notes = new EngineNotes(log, { engine: engineRun, pid: process.pid });
  notes.listen((level, who, message) => screen.note(`${level} ${who}: ${message}`));
  notes.reportErrors(mode, { engine: engineRun });
  return notes;
}

/** The folder of the run's mapped files; none where files cannot be mapped. */
function createRun(engineRun: number, notes: EngineNotes): EngineRun | undefined {
  const unavailable = mappedFilesUnavailable();
  if (unavailable === undefined) return createRunFolder(engineRun);
  notes.note('warn', 'engine', `${unavailable}: killer and gateway run as threads, not as processes`);
  return undefined;
}

interface BesidePeers {
  run: EngineRun | undefined;
  core: EngineSettings['core'];
  source: FeedSource;
  beside: ShownBeside;
  notes: EngineNotes;
}

/** What the killer and the gateways are given, with a token for commands that is made here. */
async function settingsOfPeers(
  options: RunOptions,
  { run, core, source, beside, notes }: BesidePeers,
): Promise<PeerSettings> {
  const token = randomBytes(16).toString('hex');
  notes.redaction.hide(token);
  return {
    gateway: gatewaySettings(options, run, core, token),
    ports: await gatewayPorts(options.port, options.gateways ?? 1, HOST),
    venue: source.venue,
    shown: beside.edges,
    note: (level, who, message) => notes.note(level, who, message),
  };
}

/** Looks until the start is over. */
function watchStart(start: StartTimeline, look: () => void): NodeJS.Timeout {
  const timing = setInterval(() => {
    look();
    if (start.isOver) clearInterval(timing);
  }, START_LOOK_MS);
  return timing;
}
