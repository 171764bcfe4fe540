import { describe, expect, it } from 'vitest';
import { boardBytes, formatBoard } from '../supervision/board.js';
import { ThreadCounter } from '../supervision/thread-line.js';
import type { Runnable } from '../topology/topology.js';
import { Doorbell, doorbellMemory } from '../wait/doorbell.js';
import type { WaitPolicy } from '../wait/wait-ladder.js';
import { runDutyCycle } from './duty-cycle.js';

const TURNS = 300;
const SPINS = 5;
/** More often than a thread that spins so long would come to rest. */
const WORK_EVERY = 3;

/** How often a thread has slept whose one member has work in every third turn. @param hasHeard whether that came from outside; absent: it cannot tell */
function sleepsOf(hasHeard?: () => boolean): number {
  const plan = { threads: ['core'], actors: ['member'] };
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  let turns = 0;
  const member: Runnable = {
    name: 'member',
    step: () => (++turns % WORK_EVERY === 0 ? 1 : 0),
    hasPending: () => false,
    finishedSeq: () => 0,
    progressed: () => false,
    currentSeq: () => 0,
    ...(hasHeard === undefined ? {} : { hasHeard }),
  };
  runDutyCycle({
    members: [{ runnable: member, bells: [] }],
    wait: { spins: SPINS, yields: 0, parkMs: 1 },
    doorbell: new Doorbell(doorbellMemory(1), 0),
    line: board.thread(0),
    shouldStop: () => turns >= TURNS,
    betweenSpells: () => {},
    afterSleep: () => {},
  });
  return board.thread(0).counters[ThreadCounter.PARKED]!;
}

describe('a compute thread that has work again and again', () => {
  it('stays awake where that comes from outside, or where nobody can tell', () => {
    expect(sleepsOf(() => true)).toBe(0);
    expect(sleepsOf()).toBe(0);
  });

  it('sleeps between its own timers', () => {
    expect(sleepsOf(() => false)).toBeGreaterThan(TURNS / WORK_EVERY);
  });
});

/** Turns until the thread ends, of which this member has work in some; `spoke` is what it says of the work. */
function memberThatWorks(isWork: (turn: number) => boolean, more: Partial<Runnable> = {}) {
  let turn = 0;
  let worked = 0;
  const member: Runnable = {
    name: 'member',
    step: () => {
      if (!isWork(++turn)) return 0;
      worked++;
      return 1;
    },
    hasPending: () => false,
    finishedSeq: () => 0,
    progressed: () => isWork(turn),
    currentSeq: () => 0,
    hasHeard: () => false,
    ...more,
  };
  return { member, turns: () => turn, worked: () => worked };
}

/** Runs a member for so many turns; how often each bell was rung, and how long each sleep was to last. */
function run(
  { member, turns }: ReturnType<typeof memberThatWorks>,
  wait: WaitPolicy,
  { mayHoldBack = true }: { mayHoldBack?: boolean } = {},
) {
  const plan = { threads: ['core'], actors: ['member'] };
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  const rung = { progress: 0, speech: 0, patient: 0 };
  const bell = (kind: keyof typeof rung): Doorbell => ({ ring: () => rung[kind]++ >= 0 }) as unknown as Doorbell;
  const sleeps: number[] = [];
  const doorbell = { woken: 0, park: (_: () => boolean, ms: number) => sleeps.push(ms) > 0 } as unknown as Doorbell;
  runDutyCycle({
    members: [{ runnable: member, bells: [bell('progress')], bellsOfSpeech: [bell('speech')] }],
    patientBells: [bell('patient')],
    mayHoldBack: () => mayHoldBack,
    wait,
    doorbell,
    line: board.thread(0),
    shouldStop: () => turns() >= TURNS,
    betweenSpells: () => {},
    afterSleep: () => {},
  });
  return { rung, sleeps };
}

const SLEEPS_AT_ONCE: WaitPolicy = { spins: 0, yields: 0, parkMs: 1000 };
const SPINS_FOR_EVER: WaitPolicy = { spins: Number.POSITIVE_INFINITY, yields: 0, parkMs: 0 };

describe('other threads', () => {
  it('hear of all progress where they are of the core, and elsewhere of what is said', () => {
    const works = memberThatWorks((turn) => turn % 2 === 0, { spoke: () => false });
    const { rung } = run(works, SLEEPS_AT_ONCE);
    expect(rung.progress).toBe(works.worked());
    expect(rung.speech).toBe(0);
    const speaks = memberThatWorks((turn) => turn % 2 === 0, { spoke: () => true });
    expect(run(speaks, SLEEPS_AT_ONCE).rung.speech).toBe(speaks.worked());
  });

  it('that are patient hear of several timers at once, while nothing comes from outside', () => {
    const works = memberThatWorks((turn) => turn % 2 === 0);
    const { rung } = run(works, SLEEPS_AT_ONCE);
    expect(rung.patient).toBeGreaterThan(0);
    expect(rung.patient).toBeLessThanOrEqual(works.worked() / 2);
  });

  it('that are patient hear of the last timer too, once a sleep has brought nothing more', () => {
    expect(
      run(
        memberThatWorks((turn) => turn === 2),
        SLEEPS_AT_ONCE,
      ).rung.patient,
    ).toBe(1);
  });

  it('that are patient hear of each turn that heard of the world, of each while the thread is awake, and of each at the end', () => {
    const every = (turn: number): boolean => turn % 2 === 0;
    const hears = memberThatWorks(every, { hasHeard: () => true });
    expect(run(hears, SLEEPS_AT_ONCE).rung.patient).toBe(hears.worked());
    const awake = memberThatWorks(every);
    expect(run(awake, SPINS_FOR_EVER).rung.patient).toBe(awake.worked());
    const ending = memberThatWorks(every);
    expect(run(ending, SLEEPS_AT_ONCE, { mayHoldBack: false }).rung.patient).toBe(ending.worked());
  });
});

describe('a thread that waits for a timer', () => {
  const DUE_MS = 7;

  it('sleeps until then, and in a long rest a little longer, so that the next ones share the awakening', () => {
    const { sleeps } = run(
      memberThatWorks(() => false, { dueInMs: () => DUE_MS }),
      SLEEPS_AT_ONCE,
    );
    expect(sleeps[0]).toBe(DUE_MS);
    expect(sleeps.at(-1)).toBeGreaterThan(DUE_MS);
    expect(sleeps.at(-1)).toBeLessThan(50);
  });

  it('is on time again once it has heard something', () => {
    let asked = 0;
    const hears = memberThatWorks((turn) => turn >= TURNS - 6 && turn < TURNS - 3, {
      dueInMs: () => DUE_MS,
      hasHeard: () => ++asked > 0,
    });
    const { sleeps } = run(hears, SLEEPS_AT_ONCE);
    expect(asked).toBe(3);
    expect(sleeps.at(-1)).toBe(DUE_MS);
  });
});
