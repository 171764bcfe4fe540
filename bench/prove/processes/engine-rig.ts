import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OrderStatus, Side, TradingStateCode } from '../../../engine/market/orders/codes.js';
import { Output, until, type VenueRig } from './venue-rig.js';

const STARTS_WITHIN_MS = 60_000;
/** Its gateway is a process of its own and follows it. */
const FOLLOWED_WITHIN_MS = 10_000;
const NAMED_WITHIN_MS = 10_000;
const rowsSchema = z.object({ rows: z.array(z.record(z.string(), z.unknown())), next: z.number().nullable() });
const orderSchema = z.object({
  status: z.number(),
  remaining: z.number(),
  requests: z.number(),
  venueOrderId: z.record(z.string(), z.number()),
});
const positionSchema = z.object({ instrument: z.number(), size: z.number() });
const tradingSchema = z.object({
  state: z.number(),
  reasons: z.number(),
  unknownRequests: z.number(),
  missing: z.number(),
  fills: z.number(),
  openOrders: z.number(),
});
const fillSchema = z.object({ instrument: z.number(), side: z.number(), amount: z.number() });
const stateSchema = z.object({ state: z.string(), killed: z.string().nullable() });

export type Trading = z.infer<typeof tradingSchema>;

const LIVE: readonly number[] = [
  OrderStatus.REQUESTED,
  OrderStatus.OPEN,
  OrderStatus.PARTLY_FILLED,
  OrderStatus.UNKNOWN,
];

/** What an engine is started with. */
export interface EngineRigSettings {
  journal: string;
  port: number;
  /** Where it trades; without one on the venue that it begins itself. */
  venue?: VenueRig;
}

/** `volfilter run`, and what its gateway shows. */
export class EngineRig {
  /** Every error that it said, the fatal one too. */
  readonly errors: string[] = [];
  /** Every frame of the venue that it could not read. */
  readonly refused: string[] = [];
  readonly #output: Output;
  readonly #port: number;
  readonly #venue: VenueRig | undefined;
  #token: string | undefined;
  #names: ReadonlyMap<number, string> = new Map();

  constructor({ venue, journal, port }: EngineRigSettings) {
    this.#venue = venue;
    this.#port = port;
    const traded =
      venue === undefined ? ['--strikes', '4'] : ['--feed', `venue=${venue.url}`, '--venue-keys', venue.keysFile];
    this.#output = new Output(
      ['run', ...traded, '--journal', journal, '--port', String(port), '--no-gateway', '--no-alerts'],
      (line) => {
        if (/^(error|fatal)/.test(line)) this.errors.push(line);
        if (line.includes('a frame was refused')) this.refused.push(line);
      },
    );
  }

  get pid(): number {
    return this.#output.child.pid!;
  }

  /** The last that it said, for whoever has to find out why. */
  get lastWords(): string {
    const lines = this.#output.text.split('\n');
    const warnings = lines.filter((line) => /^(warn|error)/.test(line)).slice(-8);
    if (!this.#output.hasEnded) return warnings.join('\n');
    const { exitCode, signalCode } = this.#output.child;
    return [...warnings, `it has ended (${signalCode ?? exitCode}), with the words`, ...lines.slice(-20)].join('\n');
  }

  /** Ready to trade, and with this many orders at work, by the venue's own account where it can be asked; false where it was halted before. */
  async quotes(least: number): Promise<boolean> {
    let seen = 'nothing was seen of it';
    const look = async (): Promise<boolean | undefined> => {
      if ((await this.killed()) !== undefined) return false;
      const trading = await this.trading();
      const open = this.#venue === undefined ? trading?.openOrders : (await this.#venue.openOrders()).length;
      seen = `state ${trading?.state}, reasons ${trading?.reasons}, ${open} orders open`;
      return trading?.state === TradingStateCode.READY && open! >= least ? true : undefined;
    };
    try {
      return await until(`an engine that quotes (${this.#port})`, look, STARTS_WITHIN_MS);
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${seen}`);
    }
  }

  /** No warning, no orderly end: as by a machine that loses power. Until its gateway has followed it, what the port answers is of the dead. */
  async kill(): Promise<void> {
    this.#output.child.kill('SIGKILL');
    await this.#output.ended;
    await until(
      'the end of its gateway',
      async () => ((await this.#state()) === undefined ? true : undefined),
      FOLLOWED_WITHIN_MS,
    );
  }

  /** The venue that it began itself crashes. */
  crashVenue(): void {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ');
    const venue = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('venue-sim'));
    if (venue === undefined) throw new Error('the engine has no venue of its own');
    process.kill(Number(venue), 'SIGKILL');
  }

  async stop(): Promise<void> {
    if (this.#output.hasEnded) return;
    this.#output.child.kill('SIGTERM');
    await this.#output.ended;
  }

  async trading(): Promise<Trading | undefined> {
    const [row] = await this.#rows('trading');
    return row === undefined ? undefined : tradingSchema.parse(row);
  }

  /** Why nothing but cancels may be sent; undefined where that is not so. */
  async killed(): Promise<string | undefined> {
    return (await this.#state())?.killed ?? undefined;
  }

  /** Undefined while nobody answers. */
  async #state(): Promise<z.infer<typeof stateSchema> | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}/api/v1/state`);
      return stateSchema.parse(await response.json());
    } catch {
      return undefined;
    }
  }

  /** Has the delta of the first underlying hedged to a target at once, as a trader does. */
  async hedge(target: number): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/api/v1/manual-hedges`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ underlying: 0, urgency: 'cross', target, reason: 'a trade is needed' }),
    });
    if (!response.ok) throw new Error(`a manual hedge was refused: ${await response.text()}`);
  }

  /** What was traded since this start, by instrument: bought less sold, and how many fills that was. */
  async traded(): Promise<{ fills: number; amounts: Map<string, number> }> {
    const rows = (await this.#rows('fills')).map((row) => fillSchema.parse(row));
    const amounts = new Map<string, number>();
    for (const { instrument, side, amount } of rows) {
      const name = await this.#nameOf(instrument);
      amounts.set(name, (amounts.get(name) ?? 0) + (side === Side.BUY ? amount : -amount));
    }
    return { fills: rows.length, amounts };
  }

  /** Everything in which the engine's books differ from those of a venue that can be asked, at this moment, in words. */
  async differences(): Promise<string[]> {
    const venue = this.#venue!;
    const trading = await this.trading();
    if (trading === undefined) return ['the engine shows no state'];
    const differences: string[] = [];
    if (trading.state !== TradingStateCode.READY) {
      differences.push(`the engine is not ready: state ${trading.state}, reasons ${trading.reasons}`);
    }
    if (trading.unknownRequests > 0) differences.push(`${trading.unknownRequests} requests without an outcome`);
    if (trading.missing > 0) differences.push(`fills of ${trading.missing} orders are missing`);
    const [believed, open] = await Promise.all([this.#rows('orders'), venue.openOrders()]);
    const left = new Map(open.map((order) => [order.order_id, order.amount - order.filled_amount]));
    for (const row of believed) {
      const order = orderSchema.parse(row);
      if (!LIVE.includes(order.status)) continue;
      const id = textOf(order.venueOrderId);
      const there = left.get(id);
      left.delete(id);
      if (order.status === OrderStatus.UNKNOWN) differences.push(`order ${id} is unknown`);
      else if (there === undefined) differences.push(`order ${id || 'without an id'} is not open at the venue`);
      else if (Math.abs(there - order.remaining) > 1e-9) {
        differences.push(`order ${id}: ${order.remaining} left, ${there} at the venue`);
      }
    }
    for (const [id, amount] of left) differences.push(`order ${id} with ${amount} left is open and not known`);
    const [held, truth] = await Promise.all([this.positions(), venue.positions()]);
    for (const name of new Set([...held.keys(), ...truth.keys()])) {
      const here = held.get(name) ?? 0;
      const there = truth.get(name) ?? 0;
      if (Math.abs(here - there) > 1e-9) differences.push(`${name}: ${here} held, ${there} at the venue`);
    }
    return differences;
  }

  /** What it takes itself to hold, by name; nothing where it is flat. */
  async positions(): Promise<Map<string, number>> {
    const held = new Map<string, number>();
    for (const row of await this.#rows('positions')) {
      const { instrument, size } = positionSchema.parse(row);
      if (size !== 0) held.set(await this.#nameOf(instrument), size);
    }
    return held;
  }

  /** The name of an instrument. While an engine starts, its positions are shown before all of its instruments are. */
  async #nameOf(instrument: number): Promise<string> {
    const look = async (): Promise<string | undefined> => {
      if (!this.#names.has(instrument)) {
        const rows = await this.#rows('instruments');
        this.#names = new Map(rows.map(({ key, text }) => [Number(key), String(text).split('\t')[0]!]));
      }
      return this.#names.get(instrument);
    };
    return await until(`the name of instrument ${instrument}`, look, NAMED_WITHIN_MS);
  }

  /** Every row of a topic; none while the gateway does not answer. */
  async #rows(topic: string): Promise<Record<string, unknown>[]> {
    // Said once, at the start: of what an engine says only the last is kept.
    this.#token ??= /token for commands: (\w+)/.exec(this.#output.text)?.[1];
    if (this.#token === undefined) return [];
    const rows: Record<string, unknown>[] = [];
    for (let after = ''; ; ) {
      let page: z.infer<typeof rowsSchema>;
      try {
        const response = await fetch(`http://127.0.0.1:${this.#port}/api/v1/${topic}?limit=5000${after}`, {
          headers: { authorization: `Bearer ${this.#token}` },
        });
        page = rowsSchema.parse(await response.json());
      } catch {
        return [];
      }
      rows.push(...page.rows);
      if (page.next === null) return rows;
      after = `&after=${page.next}`;
    }
  }
}

/** The text that ten words hold. */
function textOf(words: Record<string, number>): string {
  let text = '';
  for (let word = 0; word < 10; word++) {
    for (let byte = 0; byte < 4; byte++) {
      const code = ((words[`word${word}`] ?? 0) >>> (8 * byte)) & 0xff;
      if (code !== 0) text += String.fromCharCode(code);
    }
  }
  return text;
}
