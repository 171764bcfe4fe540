import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { projectRoot } from '../../../engine/testing/project-root.js';

/** The command as people start it. */
export const MAIN = join(projectRoot(), 'dist/engine/cli/main.js');
const ACCOUNT = 'volfilter';
const STARTS_WITHIN_MS = 30_000;
const TOKEN_LIFE_MS = 600_000;
/** Who looks pays from the account's credits, which the engine lives on: twenty requests a second. */
export const LOOK_MS = 200;
const REFUSED_PAUSE_MS = 500;
const MOST_REFUSALS = 20;

const answerSchema = z.object({ result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });
const authSchema = z.object({ access_token: z.string() });
const ordersSchema = z.array(
  z.object({
    order_id: z.string(),
    instrument_name: z.string(),
    direction: z.enum(['buy', 'sell']),
    price: z.number(),
    amount: z.number(),
    filled_amount: z.number(),
  }),
);
const positionsSchema = z.array(z.object({ instrument_name: z.string(), size: z.number() }));

export type VenueOrder = z.infer<typeof ordersSchema>[number];

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Looks again and again until there is something. @throws Error naming what was waited for */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  ms: number,
): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${ms / 1000} s`);
    await pause(LOOK_MS);
  }
}

/** All that a process says on its outputs, and its end. */
export class Output {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  text = '';

  constructor(args: readonly string[], onLine: (line: string) => void = () => {}) {
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface(stream).on('line', (line) => {
        this.text = `${this.text}${line}\n`.slice(-200_000);
        onLine(line);
      });
    }
    this.ended = new Promise((resolve) => this.child.once('exit', () => resolve()));
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** `volfilter venue` as a process, and what it knows of the engine's account: the truth. A second account trades against the engine. */
export class VenueRig {
  readonly keysFile: string;
  url = '';
  readonly #output: Output;
  readonly #keys;
  readonly #tokens = new Map<string, { token: string; at: number }>();
  #http = '';

  constructor(folder: string, seed: number) {
    const key = (use: string, account: string, scope?: string) => ({
      clientId: `${account}-${use}`,
      clientSecret: randomBytes(24).toString('base64url'),
      account,
      ...(scope === undefined ? {} : { scope }),
    });
    this.#keys = {
      execution: key('execution', ACCOUNT),
      killer: key('killer', ACCOUNT),
      feed: key('feed', ACCOUNT, 'account:read trade:read'),
      taker: key('taker', 'other'),
    };
    this.keysFile = join(folder, 'keys.json');
    writeFileSync(this.keysFile, JSON.stringify(Object.values(this.#keys)), { mode: 0o600 });
    this.#output = new Output([
      'venue',
      '--port',
      '0',
      '--strikes',
      '4',
      '--seed',
      String(seed),
      '--keys',
      this.keysFile,
    ]);
  }

  async start(): Promise<void> {
    const port = await until(
      'the start of the venue',
      () => /a venue on ws:\/\/127\.0\.0\.1:(\d+)/.exec(this.#output.text)?.[1],
      STARTS_WITHIN_MS,
    );
    this.url = `ws://127.0.0.1:${port}/ws/api/v2`;
    this.#http = `http://127.0.0.1:${port}/api/v2`;
  }

  /** It stands still: its sockets stay, and nothing comes. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** The command, and the process that it has made, which is the venue. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#output.child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
    for (const each of [pid!, ...children]) process.kill(each, signal);
  }

  async close(): Promise<void> {
    if (this.#output.hasEnded) return;
    this.#output.child.kill('SIGTERM');
    await this.#output.ended;
  }

  /** Orders of the engine's account that are open, by the venue's books. */
  async openOrders(): Promise<VenueOrder[]> {
    return ordersSchema.parse(await this.#ask('feed', 'private/get_open_orders', {}));
  }

  /** What the engine's account holds, by name; nothing where it is flat. */
  async positions(): Promise<Map<string, number>> {
    const held = new Map<string, number>();
    for (const currency of ['BTC', 'ETH']) {
      for (const { instrument_name: name, size } of positionsSchema.parse(
        await this.#ask('feed', 'private/get_positions', { currency }),
      )) {
        if (size !== 0) held.set(name, size);
      }
    }
    return held;
  }

  setChaos(settings: object): Promise<unknown> {
    return this.#ask('feed', 'sim/set_chaos', settings as Record<string, unknown>);
  }

  /** Somebody else takes an order of the engine's, as far as it is the best there. A refusal is none of ours. */
  async take({ instrument_name: name, direction, price, amount }: VenueOrder, share: number): Promise<void> {
    const least = name.startsWith('BTC') ? 0.1 : 1;
    const isOption = name.endsWith('-C') || name.endsWith('-P');
    if (!isOption) return;
    const lots = Math.max(1, Math.floor((share * amount) / least));
    await this.#ask('taker', direction === 'buy' ? 'private/sell' : 'private/buy', {
      instrument_name: name,
      amount: Number((lots * least).toFixed(1)),
      type: 'limit',
      price,
      time_in_force: 'immediate_or_cancel',
    }).catch(() => {});
  }

  async #ask(use: 'feed' | 'taker', method: string, params: Record<string, unknown>): Promise<unknown> {
    let held = this.#tokens.get(use);
    if (held === undefined || performance.now() - held.at > TOKEN_LIFE_MS) {
      const { clientId, clientSecret } = this.#keys[use];
      const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
      held = { token: authSchema.parse(await this.#post('public/auth', grant)).access_token, at: performance.now() };
      this.#tokens.set(use, held);
    }
    for (let refusals = 0; ; refusals++) {
      try {
        return await this.#post(method, params, held.token);
      } catch (error) {
        const isForRate = (error as Error).message.endsWith('too_many_requests');
        if (use !== 'feed' || !isForRate || refusals === MOST_REFUSALS) throw error;
        await pause(REFUSED_PAUSE_MS);
      }
    }
  }

  async #post(method: string, params: Record<string, unknown>, token?: string): Promise<unknown> {
    const response = await fetch(this.#http, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = answerSchema.parse(await response.json());
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }
}
