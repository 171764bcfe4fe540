import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TradingStateCode } from '../../../engine/market/orders/codes.js';
import { freePort } from '../../../engine/testing/free-port.js';
import { EngineRig } from '../processes/engine-rig.js';
import { pause, until } from '../processes/venue-rig.js';
import type { Proof } from '../proof.js';

/** Orders of a chain of four strikes that show that the engine quotes. */
const QUOTED = 100;
/** Deltas that a trader has hedged to in turn, coin: each far enough from the last that something is traded. */
const TARGETS = [2, -1];
const TRADES_WITHIN_MS = 60_000;
/** Longer than what happened takes to the disk: a fill that a kill tears away was never heard of. */
const KEPT_WITHIN_MS = 1000;
const NOTICED_WITHIN_MS = 10_000;
const ANSWERS_WITHIN_MS = 20_000;
/** What sums of fills may differ by. */
const DUST = 1e-9;
/** A busy machine halts engines, and what trades in their last moment is told to nobody. */
const MOST_ATTEMPTS = 5;

interface Books {
  fills: number;
  positions: Map<string, number>;
}

/** `npm start`, again and again on one journal: the venue is a new world each time. */
class Starts {
  halts = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'volfilter-starts-'));
  #engine: EngineRig | undefined;
  #hedges = 0;

  get engine(): EngineRig {
    if (this.#engine === undefined) throw new Error('the engine was not started yet');
    return this.#engine;
  }

  /** Resolves when the engine quotes; one that a busy machine has halted before is started again. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const engine = new EngineRig({ journal: join(this.#folder, 'journal'), port: await freePort() });
      this.#engine = engine;
      try {
        if (await engine.quotes(QUOTED)) return;
        if (attempt === MOST_ATTEMPTS) throw new Error(`the engine was halted at ${attempt} starts in a row`);
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${engine.lastWords}`);
      }
      this.halts++;
      await engine.stop();
    }
  }

  /** Trades until more fills count, and nothing more comes of it; an engine that a busy machine halts meanwhile is started again. */
  async trade(): Promise<Books> {
    for (let attempt = 1; ; attempt++) {
      const { engine } = this;
      const before = await booksOf(engine);
      await engine.hedge(TARGETS[this.#hedges++ % TARGETS.length]!);
      const traded = await until('a trade', () => outcomeOf(engine, before), TRADES_WITHIN_MS).catch((error: Error) => {
        throw new Error(`${error.message}\n${engine.lastWords}`);
      });
      if (traded !== 'halted') return traded;
      if (attempt === MOST_ATTEMPTS) throw new Error(`the engine was halted ${attempt} times while it traded`);
      this.halts++;
      await engine.stop();
      await this.start();
    }
  }

  async close(): Promise<void> {
    await this.#engine?.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** What has come of an order to trade; undefined while that is not over. */
async function outcomeOf(engine: EngineRig, before: Books): Promise<Books | 'halted' | undefined> {
  if ((await engine.killed()) !== undefined) return 'halted';
  const books = await booksOf(engine);
  await pause(KEPT_WITHIN_MS);
  const isOver = (await booksOf(engine)).fills === books.fills;
  return isOver && books.fills > before.fills ? books : undefined;
}

/** Fills that count and positions, of one moment: a gateway that was busy is asked again. */
function booksOf(engine: EngineRig): Promise<Books> {
  const look = async (): Promise<Books | undefined> => {
    const fills = (await engine.trading())?.fills;
    const positions = await engine.positions();
    return fills !== undefined && (await engine.trading())?.fills === fills ? { fills, positions } : undefined;
  };
  return until('what the engine holds', look, ANSWERS_WITHIN_MS);
}

/** In which instruments an engine holds something else than before and what it has traded since, in words. */
async function differences(engine: EngineRig, before: Books): Promise<string[] | undefined> {
  const now = await booksOf(engine);
  const traded = await engine.traded();
  if (now.fills < before.fills) return [`${before.fills} fills counted before, ${now.fills} now`];
  // Traded between the last look and the end, or at this moment.
  if (now.fills !== before.fills + traded.fills) return undefined;
  const names = new Set([...now.positions.keys(), ...before.positions.keys(), ...traded.amounts.keys()]);
  return [...names].flatMap((name) => {
    const held = now.positions.get(name) ?? 0;
    const expected = (before.positions.get(name) ?? 0) + (traded.amounts.get(name) ?? 0);
    return Math.abs(held - expected) <= DUST ? [] : [`${name}: ${held} held, ${expected} expected`];
  });
}

/** The venue goes and comes back, as another world: what stood there is gone, and what was held is not. */
async function crashVenue(engine: EngineRig, before: Books): Promise<void> {
  engine.crashVenue();
  await until(
    'the loss of the venue',
    async () => ((await engine.trading())?.state === TradingStateCode.READY ? undefined : true),
    NOTICED_WITHIN_MS,
  );
  if (!(await engine.quotes(QUOTED))) return;
  const after = await booksOf(engine);
  if (after.fills !== before.fills) return;
  const names = [...new Set([...before.positions.keys(), ...after.positions.keys()])];
  const differing = names.filter((name) => before.positions.get(name) !== after.positions.get(name));
  if (differing.length > 0) throw new Error(`after a crash of the venue ${differing.join(', ')} is held otherwise`);
}

/** The engine as people start it, ended and started again beside a venue that remembers nothing. */
export const proof: Proof = {
  name: 'second-start',
  claim:
    'an engine that ended in order or was killed quotes again on its journal beside a simulated venue that begins anew, holds what it held, reads all that the venue says, and counts what it trades then; so it does where the venue crashes under it',
  unit: 'starts',
  amounts: { ci: 2, full: 40 },
  async run(amount, progress) {
    const starts = new Starts();
    let compared = 0;
    try {
      await starts.start();
      let before = await starts.trade();
      for (let start = 1; start <= amount; start++) {
        if (start % 2 === 1) await starts.engine.stop();
        else await starts.engine.kill();
        await starts.start();
        const found = await differences(starts.engine, before);
        if (found !== undefined) compared++;
        if (found !== undefined && found.length > 0) throw new Error(`start ${start}: ${found.join('; ')}`);
        before = await starts.trade();
        if (start === amount) await crashVenue(starts.engine, before);
        const [refused] = starts.engine.refused;
        if (refused !== undefined) throw new Error(`start ${start}: ${refused}`);
        progress(start);
      }
      if (compared === 0) throw new Error('fills came at every end: positions were never compared');
      return [
        {
          name: 'differences after a start',
          unit: 'differences',
          value: 0,
          note: `${compared} starts compared, ${before.fills} fills, ${starts.halts} halts`,
        },
      ];
    } finally {
      await starts.close();
    }
  },
};
