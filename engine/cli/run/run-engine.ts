import { type EngineSettings, topology } from '../../../actors/topology.js';
import { Engine } from '../../runtime/host/engine.js';
import { autoPlacement } from '../../runtime/topology/placement.js';
import { LatencyScreen } from './latency-screen.js';

export interface RunOptions {
  rate: number;
  instruments: number;
  seconds?: number;
  seed: number;
}

const REFRESH_MS = 500;

/** Runs the engine until q, Ctrl-C, a signal or the given time; resolves with the exit code. */
export async function runEngine(options: RunOptions): Promise<number> {
  const settings: EngineSettings = {
    instruments: options.instruments,
    quotesPerSecond: options.rate,
    seed: options.seed,
  };
  const built = topology(settings);
  const placement = autoPlacement(built);
  const screen = new LatencyScreen(process.stdout);
  const engine = new Engine({
    topologyModule: new URL('../../../actors/topology.js', import.meta.url).href,
    topology: built,
    settings,
    placement,
    engineRun: 1 + (process.pid & 0xffff),
    engineId: 1,
    onNote: (level, who, message) => screen.note(`${level} ${who}: ${message}`),
  });

  const ended = endRequested(options.seconds);
  await engine.start();
  screen.begin(engine.board, placement);
  const refresh = setInterval(() => screen.draw(), REFRESH_MS);
  const why = await ended;
  clearInterval(refresh);
  await engine.stop();
  screen.end(why);
  return 0;
}

/** Resolves with the reason to end. */
function endRequested(seconds: number | undefined): Promise<string> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const { stdin } = process;
    const end = (why: string): void => {
      clearTimeout(timer);
      if (stdin.isTTY) {
        stdin.setRawMode(false);
        stdin.pause();
      }
      resolve(why);
    };
    if (seconds !== undefined) timer = setTimeout(() => end(`${seconds} s are over`), seconds * 1000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal));
    if (stdin.isTTY) {
      stdin.setRawMode(true);
      stdin.resume();
      stdin.on('data', (key) => {
        const text = key.toString();
        if (text === 'q' || text === '\u0003') end('stopped from the keyboard');
      });
    }
  });
}
