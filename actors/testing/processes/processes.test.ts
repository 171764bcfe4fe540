import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mappedFilesUnavailable } from '../../../engine/runtime/arena/mapped-file.js';
import { freePort } from '../../../engine/testing/free-port.js';

const main = fileURLToPath(new URL('../../../dist/engine/cli/main.js', import.meta.url));
/** The port that a run says it serves on. */
let port: number;

interface Run {
  child: ChildProcess;
  output(): string;
  ended: Promise<number | null>;
}

const running: ChildProcess[] = [];

async function run(environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  port = await freePort();
  const child = spawn(
    process.execPath,
    [main, 'run', '--feed', 'synthetic', '--no-journal', '--port', String(port), '--rate', '500'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  running.push(child);
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr!.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { child, output: () => text, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))) };
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined, withinMs = 50_000): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error('what the test waits for did not happen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface State {
  state: string;
  killed: string | null;
  hops: { name: string; records: number }[];
}

/** The state as the gateway shows it; undefined while it does not answer. */
async function state(): Promise<State | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/state`);
    return (await response.json()) as State;
  } catch {
    return undefined;
  }
}

/** The state once the engine works: a gateway shows it from before its threads run. */
async function working(): Promise<State | undefined> {
  const now = await state();
  return now !== undefined && records(now, 'book') > 0 ? now : undefined;
}

function records(of: State, hop: string): number {
  return of.hops.find(({ name }) => name === hop)!.records;
}

/** Processes that a process has started, by the end of their command line. */
function childOf(parent: number, ending: string): number | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      if (ppid === parent && command.endsWith(ending)) return Number(entry);
    } catch {
      // It ended while we looked.
    }
  }
  return undefined;
}

/** The folder of arenas that a process owns. */
function folderOf(pid: number): string | undefined {
  return readdirSync('/dev/shm').find((name) => name.startsWith('volfilter-') && name.split('-')[2] === String(pid));
}

afterAll(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

// A start takes seconds: tests that leave an engine at work share it, in their order.
describe.runIf(mappedFilesUnavailable() === undefined)('the engine as a small cluster of processes', () => {
  describe('that is ended in order', () => {
    let engine: Run;
    beforeAll(async () => {
      engine = await run();
    });

    it('serves its state', async () => {
      // On a busy machine it may be reducing for a moment.
      await until(async () => {
        const now = await state();
        return now?.state === 'active' && records(now, 'risk') > 100 ? now : undefined;
      });
      expect(folderOf(engine.child.pid!)).toBeDefined();
    });

    it('goes on when the gateway is killed, and the gateway returns', async () => {
      const { child } = engine;
      const before = await until(working);
      const gateway = childOf(child.pid!, 'gateway/main.js')!;
      process.kill(gateway, 'SIGKILL');
      await until(() => {
        const pid = childOf(child.pid!, 'gateway/main.js');
        return pid !== undefined && pid !== gateway ? pid : undefined;
      });
      const after = await until(state);
      expect(after.killed).toBeNull();
      expect(records(after, 'book')).toBeGreaterThan(records(before, 'book'));
    });

    it('goes on when the killer is killed, and the killer returns', async () => {
      const { child } = engine;
      const killer = await until(() => childOf(child.pid!, 'killer/main.js'));
      process.kill(killer, 'SIGKILL');
      const next = await until(() => {
        const pid = childOf(child.pid!, 'killer/main.js');
        return pid !== undefined && pid !== killer ? pid : undefined;
      });
      expect(next).not.toBe(killer);
      expect((await state())?.killed).toBeNull();
    });

    it('ends clean on SIGTERM with nothing left behind', async () => {
      const { child, ended } = engine;
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(folderOf(child.pid!)).toBeUndefined();
      expect(childOf(child.pid!, 'main.js')).toBeUndefined();
    });
  });

  describe('that is killed', () => {
    let engine: Run;
    let folder: string;
    beforeAll(async () => {
      engine = await run();
      await until(working);
    });

    it('takes a command with the token only, and a kill at once', async () => {
      const token = await until(() => /token for commands: (\w+)/.exec(engine.output())?.[1]);
      const post = (path: string, given?: string): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}/api/v1/${path}`, {
          method: 'POST',
          ...(given === undefined ? {} : { headers: { authorization: `Bearer ${given}` } }),
        });
      expect((await post('kill')).status).toBe(401);
      expect((await post('kill', 'f'.repeat(token.length))).status).toBe(401);
      expect((await state())?.killed).toBeNull();
      expect((await post('quoting/pause', token)).status).toBe(202);
      expect((await post('kill', token)).status).toBe(202);
      expect((await state())?.killed).toBe('an operator said so');
    });

    it('leaves no process behind when it is killed', async () => {
      const { child, ended } = engine;
      const killer = await until(() => childOf(child.pid!, 'killer/main.js'));
      const gateway = childOf(child.pid!, 'gateway/main.js')!;
      folder = folderOf(child.pid!)!;
      child.kill('SIGKILL');
      await ended;
      await until(() => (!existsSync(`/proc/${killer}`) && !existsSync(`/proc/${gateway}`) ? true : undefined));
      expect(existsSync(`/dev/shm/${folder}`)).toBe(true);
    });

    it('has its memory removed by the next start', async () => {
      engine = await run();
      await until(state);
      expect(existsSync(`/dev/shm/${folder}`)).toBe(false);
    });

    it('is killed by the killer when the whole engine process stops', async () => {
      const { child } = engine;
      // Before its supervisor has made it active nothing could be sent, and nobody misses its signs of life.
      await until(async () => ((await state())?.state === 'active' ? true : undefined));
      await until(() => childOf(child.pid!, 'killer/main.js'));
      child.kill('SIGSTOP');
      const killed = await until(async () => (await state())?.killed ?? undefined);
      // Where the core had work when it was stopped, that is seen first.
      expect(killed).toMatch(/^(the engine process showed no sign of life|the core had input and made no progre)/);
      child.kill('SIGCONT');
      await until(async () => ((await state())?.state === 'halted' ? true : undefined));
      child.kill('SIGKILL');
      await engine.ended;
    });
  });

  it('runs with killer and gateway as threads where memory cannot be mapped, and says so', async () => {
    const { output, child, ended } = await run({ VOLFILTER_NO_NATIVE: '1' });
    await until(state);
    expect(output()).toMatch(/memory cannot be mapped.*threads, not as processes/);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
