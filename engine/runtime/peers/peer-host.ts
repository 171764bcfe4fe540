import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { packed } from '../host/packed.js';
import { libc, threadsOf } from '../native/libc.js';
import { PEER_VARIABLE, type PeerSpec } from './peer-spec.js';

/** Pause before a peer that ended is started again; doubles with each early end. */
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5000;
/** A peer that ran this long starts again at the shortest pause. */
const STEADY_MS = 10_000;
const STOP_MS = 300;

export interface PeerHostEvents {
  note(level: 'info' | 'warn' | 'error', message: string): void;
}

/** Where a peer's process runs, and how eagerly. */
export interface PeerPlace {
  cpu?: number;
  /** For what may be late. */
  nice?: number;
}

/**
 * Runs one peer (a gateway, the killer) beside the engine and starts it again when it ends: a process where memory can be
 * mapped, a thread of this process where it cannot.
 */
export class PeerHost {
  readonly name: string;
  private readonly module: string;
  private readonly spec: PeerSpec;
  private readonly events: PeerHostEvents;
  private child: ChildProcess | undefined;
  private worker: Worker | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;
  private starts: number;
  private place: PeerPlace = {};
  /** Pause before the next start. */
  private pause = FIRST_RESTART_MS;
  private startedAt = 0;
  private ended: (() => void) | undefined;

  /** `module`: address of the peer's entry. */
  constructor(module: string, spec: PeerSpec, events: PeerHostEvents) {
    this.name = spec.name;
    this.module = packed(module);
    this.spec = spec;
    this.events = events;
    this.starts = spec.start;
  }

  /** The peer's process; undefined while it is a thread or not running. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const spec: PeerSpec = { ...this.spec, start: this.starts++ };
    this.startedAt = performance.now();
    if (spec.board.kind === 'file') this.startProcess(spec);
    else this.startThread(spec);
  }

  /** Its process takes this place now, and at each later start. A thread stays where its process is. */
  settle(place: PeerPlace): void {
    this.place = place;
    if (this.child !== undefined) this.takePlace(this.child);
  }

  private takePlace({ pid }: ChildProcess): void {
    const { cpu, nice } = this.place;
    if (pid === undefined) return;
    if (nice !== undefined) for (const thread of threadsOf(pid)) lowerPriority(thread, nice);
    if (cpu !== undefined) libc()?.pinProcess(cpu, pid);
  }

  /** Ends it at once, also one that is stuck or stopped: the next begins as after any end. */
  replace(): void {
    this.child?.kill('SIGKILL');
    void this.worker?.terminate();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const { child, worker } = this;
    if (worker !== undefined) await worker.terminate();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => {
      this.ended = resolve;
    });
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(force);
  }

  private startProcess(spec: PeerSpec): void {
    const child = spawn(process.execPath, [fileURLToPath(this.module)], {
      env: { ...process.env, [PEER_VARIABLE]: JSON.stringify(spec) },
      // Its errors are ours to show. It has nothing to read: that the pipe is closed tells it that we are gone, however we ended.
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.child = child;
    this.takePlace(child);
    child.stdin.on('error', () => {});
    child.stderr.on('data', (text: Buffer) => this.events.note('warn', text.toString().trim()));
    child.once('exit', (code, signal) => this.onEnd(signal ?? `code ${code}`));
    // A process that could not be made at all, for want of memory or process ids, says this and never exits.
    child.once('error', (error) => {
      if (child.pid === undefined) this.onEnd(error.message);
    });
  }

  private startThread(spec: PeerSpec): void {
    const worker = new Worker(new URL(this.module), { workerData: spec, name: this.name });
    this.worker = worker;
    worker.once('error', (error: Error) => this.events.note('error', error.message));
    worker.once('exit', (code) => this.onEnd(`code ${code}`));
  }

  private onEnd(how: string): void {
    this.child = undefined;
    this.worker = undefined;
    if (this.stopping) {
      this.ended?.();
      return;
    }
    if (performance.now() - this.startedAt > STEADY_MS) this.pause = FIRST_RESTART_MS;
    this.events.note('warn', `ended with ${how}; it starts again in ${this.pause} ms`);
    this.timer = setTimeout(() => this.start(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_RESTART_MS);
  }
}

function lowerPriority(thread: number, nice: number): void {
  try {
    setPriority(thread, nice);
  } catch {
    // It ended between the listing and the call.
  }
}
