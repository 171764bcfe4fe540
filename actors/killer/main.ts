/** Entry of the killer: a small process of its own that stops the engine's orders when nobody else can. */

import { announcePresence, beat } from '../../engine/runtime/arena/presence.js';
import { MonotonicClock } from '../../engine/runtime/clock/monotonic-clock.js';
import { openShared } from '../../engine/runtime/host/shared-memory.js';
import { libc } from '../../engine/runtime/native/libc.js';
import { CommandWriter } from '../../engine/runtime/peers/command-channel.js';
import { ownPeerSpec } from '../../engine/runtime/peers/peer-spec.js';
import { attachBoard, StopPhase } from '../../engine/runtime/supervision/board.js';
import { Killer } from './killer.js';

/** How often it looks: ten times within the quarter of a second after which a stuck core is killed. */
const LOOK_MS = 25;
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
const killer = new Killer(board, commands, (line) => process.stderr.write(`${line}\n`));
const clock = new MonotonicClock(spec.epoch);
announcePresence(commands.words);

const parent = process.ppid;
const timer = setInterval(() => {
  beat(commands.words);
  clock.tick();
  killer.look(clock.now[0]! / 1e6);
  // Adopted by another process: the engine is gone, and what it had to leave behind is done.
  if (
    process.env.VOLFILTER_PEER !== undefined &&
    process.ppid !== parent &&
    (killer.done() || board.stopPhase !== StopPhase.RUNNING)
  ) {
    clearInterval(timer);
    process.exit(0);
  }
}, LOOK_MS);
// Ctrl-C and a closed terminal reach the whole process group: the engine decides when its peers end.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('SIGTERM', () => process.exit(0));
