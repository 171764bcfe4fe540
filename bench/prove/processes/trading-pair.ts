import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dice } from '../../../actors/venue-sim/chaos/dice.js';
import { freePort } from '../../../engine/testing/free-port.js';
import { EngineRig } from './engine-rig.js';
import { LOOK_MS, MAIN, pause, until, VenueRig } from './venue-rig.js';

/** Orders of a chain of four strikes that show that the engine quotes. */
const QUOTED = 100;
/** A cancel of the killer, or the end of the connection, has to take the quotes away within this. */
const GONE_WITHIN_MS = 30_000;
const MOST_STARTS = 5;

/** An engine and a venue, each a process of its own, and somebody who trades with the engine. */
export class TradingPair {
  readonly venue: VenueRig;
  readonly dice: Dice;
  /** Milliseconds from each death of the engine until nothing of it was open. */
  readonly gone: number[] = [];
  taken = 0;
  halts = 0;
  readonly #folder: string;
  #engine: EngineRig | undefined;
  #port = 0;

  constructor(seed: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'volfilter-pair-'));
    this.venue = new VenueRig(this.#folder, seed);
    this.dice = new Dice(seed);
  }

  get engine(): EngineRig {
    if (this.#engine === undefined) throw new Error('the engine was not started yet');
    return this.#engine;
  }

  async start(): Promise<void> {
    await this.venue.start();
    this.#port = await freePort();
    await this.startEngine();
  }

  /** Starts the engine; one that a busy machine has halted before it quoted is started again. */
  async startEngine(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const engine = new EngineRig({ venue: this.venue, journal: join(this.#folder, 'journal'), port: this.#port });
      this.#engine = engine;
      try {
        if (await engine.quotes(QUOTED)) return;
        if (attempt === MOST_STARTS)
          throw new Error(`the engine was halted at ${attempt} starts in a row, at last: ${await engine.killed()}`);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${engine.lastWords}`);
      }
      this.halts++;
      await engine.kill();
    }
  }

  /** Trades with the engine for so long, as fast as the answers come. */
  async trade(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      const open = await this.venue.openOrders();
      for (let count = 0; count < 8 && open.length > 0; count++) {
        await this.venue.take(open[this.dice.index(open.length)]!, this.dice.throw());
        this.taken++;
      }
      await pause(2 * LOOK_MS);
    }
  }

  /** The engine dies; nothing of it may stay open. */
  async kill(): Promise<void> {
    const died = performance.now();
    await this.engine.kill();
    await until(
      'the end of the last quote of an engine that died',
      async () => ((await this.venue.openOrders()).length === 0 ? true : undefined),
      GONE_WITHIN_MS,
    );
    this.gone.push(performance.now() - died);
  }

  /** Waits until the engine's books are the venue's. An engine that was halted, as a busy machine may do, is started again. */
  async settle(withinMs: number): Promise<void> {
    let differences: string[] = [];
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      const killed = await this.engine.killed();
      if (killed !== undefined) {
        this.halts++;
        await this.kill();
        await this.startEngine();
      }
      differences = await this.engine.differences();
      if (differences.length === 0) return;
      await pause(2 * LOOK_MS);
    }
    throw new Error(
      `after ${withinMs / 1000} s the engine's books differ from the venue's: ${differences.slice(0, 20).join('; ')}\n${this.engine.lastWords}`,
    );
  }

  /** Ends both in order; the journal that every start has added to must be whole. */
  async finish(): Promise<void> {
    await this.engine.stop();
    const { status, stdout, stderr } = spawnSync(process.execPath, [
      MAIN,
      ...['journal', 'verify', join(this.#folder, 'journal')],
    ]);
    if (status !== 0) throw new Error(`the journal is not whole: ${stdout}${stderr}`);
  }

  async close(): Promise<void> {
    await this.#engine?.kill();
    await this.venue.close();
    // What an engine that was killed had begun for it may write for a moment yet: that must not hide why a proof failed.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
