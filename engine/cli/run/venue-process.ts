import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AccountHoldings, Holding } from '../../../actors/venue-sim/api/server/holdings.js';
import type {
  VenueProcessHeld,
  VenueProcessHold,
  VenueProcessHolds,
  VenueProcessPin,
  VenueProcessReady,
  VenueProcessStart,
} from '../../../actors/venue-sim/api/server/main.js';
import type { KeySettings } from '../../../actors/venue-sim/api/server/simulation.js';
import type { ChaosConfig } from '../../../actors/venue-sim/chaos/config.js';
import { packed } from '../../runtime/host/packed.js';

export interface VenueProcessSettings {
  port: number;
  seed: number;
  strikes: number;
  keys: readonly KeySettings[];
  chaos?: ChaosConfig;
  /** How far it stands back behind the engine, as a nice value. */
  nice?: number;
}

const STOP_MS = 300;
const RESTART_MS = 500;
const MODULE = fileURLToPath(packed(new URL('../../../actors/venue-sim/api/server/main.js', import.meta.url).href));

/**
 * The simulated venue as a process of its own. One that ends by itself is started again on the same port: to whoever is connected
 * that is a venue which has lost orders, trades and money, and knows what its accounts held.
 */
export class VenueProcess {
  readonly #settings: VenueProcessSettings;
  readonly #note: (message: string) => void;
  #child: ChildProcess | undefined;
  #port: number;
  #cpu: number | undefined;
  /** What accounts hold, by their names and the instruments'. */
  readonly #held = new Map<string, Map<string, number>>();
  #isStopping = false;
  #restart: NodeJS.Timeout | undefined;

  constructor(settings: VenueProcessSettings, note: (message: string) => void) {
    this.#settings = settings;
    this.#note = note;
    this.#port = settings.port;
  }

  /** Resolves with the port once it listens; rejects where it cannot. */
  async start(): Promise<number> {
    const child = spawn(process.execPath, [MODULE], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    let lastWords = '';
    child.stderr!.on('data', (text: Buffer) => {
      lastWords = text.toString().trim();
      this.#note(lastWords);
    });
    child.on('message', (message: VenueProcessHolds | { kind: '' }) => {
      if (message.kind === 'holds') this.#noteHeld(message);
    });
    const { seed, strikes, keys, chaos, nice } = this.#settings;
    const held = this.#takeHeld();
    const start: VenueProcessStart = {
      kind: 'start',
      port: this.#port,
      seed,
      strikes,
      keys,
      held,
      ...(chaos === undefined ? {} : { chaos }),
      ...(nice === undefined ? {} : { nice }),
    };
    child.send(start);
    const { port, unlisted } = await answerOf<VenueProcessReady>(child, 'ready', () => lastWords);
    this.#port = port;
    const given = held.reduce((count, { holdings }) => count + holdings.length, -unlisted.length);
    if (given > 0) this.#note(`the venue begins anew: its accounts are given the ${given} positions that they held`);
    if (unlisted.length > 0) this.#note(`the venue does not list what its accounts held too: ${unlisted.join(', ')}`);
    child.once('exit', (code, signal) => this.#ended(signal ?? `code ${code}`));
    if (this.#cpu !== undefined) this.pin(this.#cpu);
    return this.#port;
  }

  /** Keeps it on one CPU. */
  pin(cpu: number): void {
    this.#cpu = cpu;
    const message: VenueProcessPin = { kind: 'pin', cpu };
    if (this.#child?.connected === true) this.#child.send(message);
  }

  /** Gives an account what it held in the world before, once it listens. @returns names of what is not listed */
  async hold(account: string, holdings: readonly Holding[]): Promise<string[]> {
    const child = this.#child!;
    const message: VenueProcessHold = { kind: 'hold', account, holdings };
    child.send(message);
    return (await answerOf<VenueProcessHeld>(child, 'held')).unlisted;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(force);
  }

  #noteHeld({ account, holdings }: AccountHoldings): void {
    const held = this.#held.get(account) ?? new Map<string, number>();
    this.#held.set(account, held);
    for (const { name, amount } of holdings) {
      if (amount === 0) held.delete(name);
      else held.set(name, amount);
    }
  }

  /** What accounts held in the world that has ended; the next one tells what it makes of it. */
  #takeHeld(): AccountHoldings[] {
    const taken = [...this.#held].map(([account, held]) => ({
      account,
      holdings: [...held].map(([name, amount]) => ({ name, amount })),
    }));
    this.#held.clear();
    return taken;
  }

  #ended(how: string): void {
    if (this.#isStopping) return;
    this.#note(`the venue ended with ${how}; it starts again`);
    this.#restart = setTimeout(() => {
      this.start().catch((error: Error) => this.#note(`the venue does not start: ${error.message}`));
    }, RESTART_MS);
  }
}

/** What a process says next of a kind. @throws Error where it ends instead, with its last words where it had any */
function answerOf<Answer extends { kind: string }>(
  child: ChildProcess,
  kind: Answer['kind'],
  lastWords: () => string = () => '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onEnd = (code: number | null, signal: NodeJS.Signals | null): void =>
      reject(new Error(lastWords() || `it ended with ${signal ?? `code ${code}`}`));
    child.once('error', reject);
    const onMessage = (answer: Answer): void => {
      if (answer.kind !== kind) return;
      child.off('exit', onEnd);
      child.off('message', onMessage);
      resolve(answer);
    };
    child.once('exit', onEnd);
    child.on('message', onMessage);
  });
}
