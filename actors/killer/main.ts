/** Entry of the killer: a small process of its own that stops the engine's orders when nobody else can. */

import { announcePresence, beat } from '../../engine/runtime/arena/presence.js';
import { MonotonicClock } from '../../engine/runtime/clock/monotonic-clock.js';
import { openShared } from '../../engine/runtime/host/shared-memory.js';
import { libc } from '../../engine/runtime/native/libc.js';
import { CommandWriter } from '../../engine/runtime/peers/command-channel.js';
import { ownPeerSpec } from '../../engine/runtime/peers/peer-spec.js';
import { attachBoard } from '../../engine/runtime/supervision/board.js';
import { StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { LatchWatch } from '../../engine/runtime/supervision/latch-watch.js';
import { nodeHost } from '../session/node-host.js';
import { Killer } from './killer.js';
import { VenueStop, type VenueStopSettings } from './venue-stop.js';

/** How often it looks: ten times within the quarter of a second after which a stuck core is killed. */
const LOOK_MS = 25;
/**
 * How often it looks at the latch alone where it cannot sleep on it: the shortest that a timer of the host knows. The wait for the next look is then most of the way from the latch to
 * the venue's cancel.
 */
const LATCH_LOOK_MS = 1;
/** How long it outlives an engine that died, while the venue does not say that nothing is open. */
const OUTLIVE_MS = 30_000;
/** Nonces of one start of this process. */
const NONCES_PER_START = 1e6;

const spec = ownPeerSpec();
libc()?.nameThread('vf-killer');
const commands = new CommandWriter(
  openShared(spec.commands, 'write'),
  spec.name,
  spec.peer,
  spec.engineRun,
  spec.start * NONCES_PER_START,
);
const board = attachBoard(openShared(spec.board, 'write'), spec.boardPlan, spec.engineRun, [commands.words]);
const tell = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const killer = new Killer(board, commands, tell);
const { venue } = spec.settings as { venue?: VenueStopSettings };
const venueStop =
  venue === undefined
    ? undefined
    : new VenueStop(nodeHost, venue, {
        tell,
        empty: () => tell('halted: nothing is open at the venue any more'),
        nowMicros: () => Date.now() * 1000,
      });
venueStop?.start();
const clock = new MonotonicClock(spec.epoch);
announcePresence(commands.words);

const parent = process.ppid;
const isProcess = process.env.VOLFILTER_PEER !== undefined;
/** The engine's end of the pipe is closed. */
let isCutOff = false;
/** Cut off, or adopted by another process: the engine is gone. */
const isOrphan = (): boolean => isProcess && (isCutOff || process.ppid !== parent);
let orphanedAt = Number.NaN;

/** Whoever sets the latch, the venue hears of it here. */
function lookAtLatch(): void {
  const isRunning = board.stopPhase === StopPhase.RUNNING;
  if (isRunning && isOrphan() && board.kill(KillReason.SUPERVISOR_DEAD)) tell('the engine process is gone');
  if (board.killed() === KillReason.NONE) venueStop?.rearm();
  else if (isRunning) venueStop?.fire();
}

// A process sleeps until the latch moves, or the engine is gone: both wake it at once. A thread of the engine's could not be ended while it sleeps so.
const watch = new LatchWatch(board, lookAtLatch);
const latch = isProcess && watch.start() ? undefined : setInterval(lookAtLatch, LATCH_LOOK_MS);
process.once('exit', () => watch.stop());
if (isProcess) {
  process.stdin.once('close', () => {
    isCutOff = true;
    lookAtLatch();
  });
  process.stdin.on('error', () => {}).resume();
}
const timer = setInterval(() => {
  beat(commands.words);
  clock.tick();
  const nowMs = clock.now[0]! / 1e6;
  killer.look(nowMs);
  lookAtLatch();
  if (!isOrphan()) return;
  if (Number.isNaN(orphanedAt)) orphanedAt = nowMs;
  const isOver = killer.done() && (venueStop === undefined || venueStop.isEmpty || nowMs - orphanedAt > OUTLIVE_MS);
  // What it had to leave behind is done.
  if (!isOver && board.stopPhase === StopPhase.RUNNING) return;
  if (board.stopPhase === StopPhase.RUNNING && venueStop?.isEmpty === false) tell(venueStop.doubt);
  clearInterval(timer);
  clearInterval(latch);
  process.exit(0);
}, LOOK_MS);
// Ctrl-C and a closed terminal reach the whole process group: the engine decides when its peers end.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('SIGTERM', () => process.exit(0));
