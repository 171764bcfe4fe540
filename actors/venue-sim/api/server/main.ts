/** Entry of the simulated venue as a process of its own beside the engine. */

import { WallClock } from '../../../../engine/runtime/clock/event-clock.js';
import { libc } from '../../../../engine/runtime/native/libc.js';
import { machineSecrets } from './secrets.js';
import { VenueServer } from './server.js';
import { createSimulation, type Holding, type SimulationSettings } from './simulation.js';

/** What the process is told first. */
export interface VenueProcessStart extends SimulationSettings {
  kind: 'start';
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
export interface VenueProcessHold {
  kind: 'hold';
  /** Its name, as the keys have it. */
  account: string;
  holdings: readonly Holding[];
}

/** What it says to that. */
export interface VenueProcessHeld {
  /** Names of instruments that are not listed. */
  unlisted: string[];
}

/** What it says once it listens. */
export interface VenueProcessReady {
  port: number;
}

async function start({ port, nice = 0, ...settings }: VenueProcessStart): Promise<void> {
  if (nice > 0) libc()?.niceThread(nice);
  const clock = new WallClock();
  const now = (): number => {
    clock.tick();
    return clock.now[0]!;
  };
  const note = (message: string): void => {
    process.stderr.write(`${message}\n`);
  };
  const { venue, hold } = createSimulation(settings, machineSecrets, now, note);
  holdAgain = hold;
  server = new VenueServer(venue);
  const ready: VenueProcessReady = { port: await server.listen(port) };
  process.send?.(ready);
}

let server: VenueServer | undefined;
let holdAgain: ReturnType<typeof createSimulation>['hold'] | undefined;

libc()?.nameThread('vf-venue');
process.on('message', (message: VenueProcessStart | VenueProcessPin | VenueProcessMeasure | VenueProcessHold) => {
  if (message.kind === 'pin') libc()?.pinProcess(message.cpu);
  else if (message.kind === 'measure') server?.turns.measure(message.oneOf);
  else if (message.kind === 'hold') {
    const held: VenueProcessHeld = { unlisted: holdAgain?.(message.account, message.holdings) ?? [] };
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
