import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Doorbell, doorbellMemory } from './doorbell.js';
import { SPIN, WaitLadder } from './wait-ladder.js';

/** Longer than the ladder spins where the CPU cannot be given away. */
const MANY = 10_000;

function ladder(policy: { spins: number; yields: number; parkMs: number }, hasWork = false) {
  const doorbell = new Doorbell(doorbellMemory(1), 0);
  return new WaitLadder(policy, doorbell, () => hasWork);
}

describe('a thread without work', () => {
  it('climbs from spinning and yielding to sleep, and sleeps on until there is work', () => {
    const waiting = ladder({ spins: 3, yields: 4, parkMs: 1 });
    let turns = 0;
    while (!waiting.idle(1)) turns++;
    expect(turns).toBeGreaterThanOrEqual(7);
    expect(waiting.parksNext).toBe(true);
    expect(waiting.idle(1)).toBe(true);
    expect(waiting.parked).toBe(2);
    waiting.reset();
    expect(waiting.parksNext).toBe(false);
    expect(waiting.idle(1)).toBe(false);
  });

  it('stays awake for a shorter while after something that came alone in a long rest', () => {
    const waiting = ladder({ spins: MANY, yields: 0, parkMs: 0 });
    const turnsAwake = (): number => {
      let turns = 0;
      while (!waiting.idle(0)) turns++;
      return turns;
    };
    expect(turnsAwake()).toBeGreaterThanOrEqual(MANY);
    waiting.reset();
    expect(turnsAwake()).toBeGreaterThanOrEqual(MANY);
    while (!waiting.isAtRest) waiting.idle(0);
    waiting.reset();
    expect(turnsAwake()).toBeLessThan(MANY);
    // What comes soon after it is no longer alone.
    waiting.reset();
    expect(turnsAwake()).toBeGreaterThanOrEqual(MANY);
  });

  it('never sleeps when it has a core of its own', () => {
    const waiting = ladder(SPIN);
    let slept = 0;
    for (let turn = 0; turn < MANY; turn++) if (waiting.idle(1)) slept++;
    expect(slept).toBe(0);
  });

  it('does not sleep when work has come at the last look', () => {
    const waiting = ladder({ spins: 0, yields: 0, parkMs: 60_000 }, true);
    while (!waiting.idle(60_000));
    expect(waiting.parked).toBe(0);
  });

  it('sleeps no longer than to the next timer', () => {
    const waiting = ladder({ spins: 0, yields: 0, parkMs: 600_000 });
    while (!waiting.idle(1));
    expect(waiting.parked).toBe(1);
  });
});

/** A thread that says that it is about to sleep, sleeps, and says why it woke. */
const sleeper = `
  import { workerData } from 'node:worker_threads';
  const { Doorbell } = await import(workerData.module);
  const told = new Int32Array(workerData.told);
  for (let night = 1; night <= workerData.nights; night++) {
    // The ringer rings when it reads this: before, while or after this thread lies down.
    Atomics.store(told, 0, night);
    new Doorbell(workerData.memory, 0).park(() => Atomics.load(told, 1) >= night, 600000);
  }
`;

describe('a doorbell', () => {
  it('wakes a thread each time, whenever it is rung', async () => {
    const nights = 200;
    const memory = doorbellMemory(1);
    const told = new SharedArrayBuffer(8);
    const words = new Int32Array(told);
    const module = new URL('../../../dist/engine/runtime/wait/doorbell.js', import.meta.url).href;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(sleeper)}`), {
      workerData: { module, memory, told, nights },
    });
    const over = new Promise<number>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', resolve);
    });
    const doorbell = new Doorbell(memory, 0);
    for (let night = 1; night <= nights; night++) {
      while (Atomics.load(words, 0) < night) await new Promise((resolve) => setImmediate(resolve));
      if (night % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      Atomics.store(words, 1, night);
      doorbell.ring();
    }
    expect(await over).toBe(0);
  });

  it('is rung once by many: who comes while the sleeper wakes pays nothing', async () => {
    const doorbell = new Doorbell(doorbellMemory(1), 0);
    const sleeping = doorbell.parkAsync(() => false);
    expect([doorbell.ring(), doorbell.ring(), doorbell.ring()]).toEqual([true, false, false]);
    // Nothing else holds the event loop while it sleeps.
    const holding = setInterval(() => {}, 10);
    expect(await sleeping).toBe(true);
    clearInterval(holding);
    expect(await doorbell.parkAsync(() => true)).toBe(false);
  });
});
