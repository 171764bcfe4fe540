/** Entry of the simulated venue as a process of its own beside the engine. */

import { WallClock } from '../../../../engine/runtime/clock/event-clock.js';
import { libc } from '../../../../engine/runtime/native/libc.js';
import type { AccountHoldings } from './holdings.js';
import { machineSecrets } from './secrets.js';
import { VenueServer } from './server.js';
import { createSimulation, type SimulationSettings } from './simulation.js';

/** What the process is told first. */
export interface VenueProcessStart extends Omit<SimulationSettings, 'onHeld'> {
  kind: 'start';
  /** What accounts held in a world that ended unexpectedly: they hold it before anybody can ask. */
  held?: readonly AccountHoldings[];
  /** 0 for any free port. */
  port: number;
  /** Nice value: how far it stands back behind whoever shares its core. */
  nice?: number;
}

/** What it may be told later. */
export interface VenueProcessPin {
  kind: 'pin';
  cpu: number;
}

/** Measures its turns anew: one of so many. */
export interface VenueProcessMeasure {
  kind: 'measure';
  oneOf: number;
}

/** Gives an account what it held in the world before. */
export interface VenueProcessHold extends AccountHoldings {
  kind: 'hold';
}

/** What it says to that. */
export interface VenueProcessHeld {
  kind: 'held';
  /** Names of instruments that are not listed. */
  unlisted: string[];
}

/** What it says once it listens. */
export interface VenueProcessReady {
  kind: 'ready';
  port: number;
  /** Names of what accounts held and is not listed. */
  unlisted: string[];
}

/** What it says whenever an account holds something else than before. */
export interface VenueProcessHolds extends AccountHoldings {
  kind: 'holds';
}

async function start({ port, nice = 0, held = [], ...settings }: VenueProcessStart): Promise<void> {
  if (nice > 0) libc()?.niceThread(nice);
  const clock = new WallClock();
  const now = (): number => {
    clock.tick();
    return clock.now[0]!;
  };
  const note = (message: string): void => {
    process.stderr.write(`${message}\n`);
  };
  const onHeld = (now: AccountHoldings): void => {
    const holds: VenueProcessHolds = { kind: 'holds', ...now };
    process.send?.(holds);
  };
  const { venue, hold } = createSimulation({ ...settings, onHeld }, machineSecrets, now, note);
  holdAgain = hold;
  const unlisted = held.flatMap(({ account, holdings }) => hold(account, holdings));
  server = new VenueServer(venue);
  const ready: VenueProcessReady = { kind: 'ready', port: await server.listen(port), unlisted };
  process.send?.(ready);
}

let server: VenueServer | undefined;
let holdAgain: ReturnType<typeof createSimulation>['hold'] | undefined;

libc()?.nameThread('vf-venue');
process.on('message', (message: VenueProcessStart | VenueProcessPin | VenueProcessMeasure | VenueProcessHold) => {
  if (message.kind === 'pin') libc()?.pinProcess(message.cpu);
  else if (message.kind === 'measure') server?.turns.measure(message.oneOf);
  else if (message.kind === 'hold') {
    const held: VenueProcessHeld = { kind: 'held', unlisted: holdAgain?.(message.account, message.holdings) ?? [] };
    process.send?.(held);
  } else {
    start(message).catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    });
  }
});
// The engine is gone.
process.once('disconnect', () => process.exit(0));
// Ctrl-C and a closed terminal reach the whole process group: the engine decides when its venue ends.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('SIGTERM', () => process.exit(0));
