import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import { libc } from '../../engine/runtime/native/libc.js';

/** One side of a measurement: a thread or a process that stands ready and runs one round at a time. */
export interface Side<Round, Outcome> {
  run(round: Round): Promise<Outcome>;
  close(): Promise<void>;
}

/** What every side is told when it starts. */
export interface SideSetup {
  /** CPU to be pinned to; absent: wherever the kernel puts it. */
  cpu?: number | undefined;
}

/** Two CPUs for the two sides of a pair, or none when the machine has one or pinning is not to be had. */
export function cpuPair(): [number, number] | [undefined, undefined] {
  const [first, second] = libc()?.allowedCpus() ?? [];
  return first === undefined || second === undefined ? [undefined, undefined] : [first, second];
}

interface Waiting<Outcome> {
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

/** An outcome on its way between processes, where `undefined` alone is no message. */
interface Answer<Outcome> {
  outcome: Outcome;
}

const parent = process.ppid;

/** Ends a process whose parent has died while it was spinning; asked now and then by loops that may never end. */
export function endOrphan(): void {
  if (process.ppid !== parent) process.exit(1);
}

/** Starts the compiled module at `entry` as a thread; `setup` reaches its `serveRounds`, and `ports` go with it. */
export function startThread<Round, Outcome>(
  entry: URL,
  setup: SideSetup & Record<string, unknown>,
  ports: MessagePort[] = [],
): Side<Round, Outcome> {
  let waiting: Waiting<Outcome> | undefined;
  const worker = new Worker(entry, { workerData: setup, transferList: ports });
  worker.on('message', (outcome: Outcome) => waiting?.resolve(outcome));
  worker.on('error', (error) => waiting?.reject(error instanceof Error ? error : new Error(String(error))));
  return {
    run: (round) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        worker.postMessage(round);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
}

/** Starts the compiled module at `entry` as a process; `setup` must survive JSON. */
export function startProcess<Round, Outcome>(
  entry: URL,
  setup: SideSetup & Record<string, unknown>,
): Side<Round, Outcome> {
  let waiting: Waiting<Outcome> | undefined;
  const child: ChildProcess = fork(fileURLToPath(entry), [JSON.stringify(setup)], { execArgv: [] });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      waiting?.reject(new Error(`the process of ${entry.pathname} ended early (code ${code}, signal ${signal})`));
      resolve();
    });
  });
  child.on('message', (answer) => waiting?.resolve((answer as Answer<Outcome>).outcome));
  return {
    run: (round) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        child.send(round as object);
      }),
    close: () => {
      waiting = undefined;
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** Runs in the thread or process itself: prepares once, then answers every round with its outcome. */
export function serveRounds<Setup extends SideSetup, Round, Outcome>(
  prepare: (setup: Setup) => (round: Round) => Outcome | Promise<Outcome>,
): void {
  const port = parentPort;
  const setup = (port === null ? JSON.parse(process.argv[2] ?? '{}') : workerData) as Setup;
  if (setup.cpu !== undefined) libc()?.confineThread([setup.cpu]);
  const runRound = prepare(setup);
  if (port !== null) {
    port.on('message', async (round: Round) => port.postMessage(await runRound(round)));
  } else {
    process.on('message', async (round: Round) =>
      process.send?.({ outcome: await runRound(round) } satisfies Answer<Outcome>),
    );
  }
}
