import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Output, pause, until, VenueRig } from '../prove/processes/venue-rig.js';
import type { BenchResult, BenchSuite } from '../report.js';
import { processesOf, type Used } from '../rig/processor-time.js';

const STARTS_WITHIN_MS = 120_000;
/** So long it quotes before: a start, and that of the SQL store's process fifteen seconds behind it, are no silence. */
const QUOTES_MS = 60_000;
/** So long nothing has come before the first silence is measured, and so long each is. */
const REST_MS = 2000;
const MEASURED_MS = 20_000;
/** Between the first silence and the settled one: the feed has given up what it waited for, and V8 has compiled what timers call a few times a second. */
const SETTLE_MS = 120_000;
const SHOWN = 3;

/** `gateway/main.js` of `/…/dist/gateway/main.js`: what a process runs. */
function nameOf({ command }: Used): string {
  return command.split('/').slice(-2).join('/');
}

/** Per cent of one core that a process and all that came of it use over that time, by process. */
async function shares(root: number, ms: number): Promise<{ name: string; percent: number }[]> {
  const before = new Map(processesOf(root).map((used) => [used.pid, used.ms]));
  const begun = performance.now();
  await pause(ms);
  const seconds = (performance.now() - begun) / 1000;
  return processesOf(root).map((used) => ({
    name: nameOf(used),
    percent: (used.ms - (before.get(used.pid) ?? 0)) / 10 / seconds,
  }));
}

/**
 * What an engine uses that has nothing to do: the default `volfilter run` with journal, store, gateway, killer, logs and alerts, which has quoted a chain for a while, on a venue from
 * which nothing comes any more. The venue is not counted.
 */
export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-idle-'));
  const venue = new VenueRig(folder, 1);
  try {
    await venue.start();
    const engine = new Output([
      ...['run', '--feed', `venue=${venue.url}`, '--venue-keys', venue.keysFile, '--port', '0'],
      ...['journal', 'gateway', 'log', 'alerts'].flatMap((name) => [`--${name}`, join(folder, name)]),
    ]);
    try {
      await until('100 quotes', () => (/100 quotes rest/.test(engine.text) ? true : undefined), STARTS_WITHIN_MS);
      progress(`idle: the chain is quoted, for ${QUOTES_MS / 1000} s`);
      await pause(QUOTES_MS);
      venue.freeze();
      await pause(REST_MS);
      progress(`idle: nothing comes any more; ${MEASURED_MS / 1000} s are measured`);
      const first = await shares(engine.child.pid!, MEASURED_MS);
      progress(`idle: the first ${MEASURED_MS / 1000} s are over; after ${SETTLE_MS / 1000} s as many are measured`);
      await pause(SETTLE_MS);
      const settled = await shares(engine.child.pid!, MEASURED_MS);
      return [
        result('idle engine, all its processes, 2 s after the last message', first),
        result('idle engine, all its processes, settled for two minutes more', settled),
      ];
    } finally {
      venue.thaw();
      engine.child.kill('SIGTERM');
      await engine.ended;
    }
  } finally {
    await venue.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

function result(what: string, used: readonly { name: string; percent: number }[]): BenchResult {
  const whole = used.reduce((sum, { percent }) => sum + percent, 0);
  const most = [...used].sort((a, b) => b.percent - a.percent).slice(0, SHOWN);
  const parts = most.map(({ name, percent }) => `${name} ${percent.toFixed(1)}`).join(', ');
  return {
    name: what,
    unit: '% of one core',
    value: whole,
    note: `over ${MEASURED_MS / 1000} s, ${used.length} processes: ${parts}; bar 5`,
  };
}
