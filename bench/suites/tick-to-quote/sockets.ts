import { usableCpus } from '../../../engine/runtime/topology/placement.js';
import type { BenchResult } from '../../report.js';
import { type Distribution, distributionOf } from '../../rig/distribution.js';
import { type Side, startProcess } from '../../rig/side.js';
import type { EngineOutcome, EngineRound } from './engine-process.js';
import { FrameKind } from './frames.js';
import { type SeenWrite, Written } from './tap.js';
import type { VenueOutcome, VenueRound } from './venue-process.js';

/** Frames a second; frames of a phase that is measured, and of that before it in which code settles. */
const PER_SECOND = 2000;
const MEASURED = 40_000;
const SETTLING = 20_000;
const LEAST_RATE = 0.99;
/** A frame that was written this much later than it was due was late: the sender had no CPU. ns */
const LATE_NS = 1e6;
/** Sides of quotes that stand before the market stands still, and seconds that the engine has to fit surfaces and place them. */
const QUOTED_SIDES = 600;
const QUOTED_WITHIN_SECONDS = 120;
/** And after that, until everything is. */
const WARM_UP_SECONDS = 10;
/** What was under way when the last frame was sent has been written after this. */
const SETTLE_MS = 500;
/** Jumps of the underlyings; milliseconds until they are back, and until all is quiet again. */
const JUMPS = 30;
const BACK_AFTER_MS = 100;
const JUMP_PAUSE_MS = 500;
/** Frames of the mix between two jumps: without tickers the index would be stale, and nothing quoted that could be pulled. */
const BETWEEN_JUMPS = 2000;

const BARS = {
  single: 'bar p50 60, p99 400 us',
  first: 'bar p99 400 us',
  last: 'bar p99 1 ms',
  all: 'bar p99.9 5 ms',
  cancel: 'bar p99 1 ms',
} as const;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What one phase showed: microseconds from the last byte of a frame to the first byte of the first request that answers it, and of the last. */
interface Phase {
  single: number[];
  first: number[];
  last: number[];
  /** From the moment at which the frame was due at the sender. */
  due: number[];
  /** Frames of quotes, and of all, that answer one whole-chain event. */
  chainWrites: number;
  perSecond: number;
  late: number;
  frames: number;
  placement: string;
  notes: string[];
}

interface Running {
  engine: Side<EngineRound, EngineOutcome>;
  venue: Side<VenueRound, VenueOutcome>;
}

/**
 * From the last byte of a frame to the first byte of the order that answers it, over real sockets: the venue as a process, an open loop of frames whose times
 * stand before the engine does; and the same frames through stages that quote nothing.
 */
export async function overSockets(progress: (line: string) => void): Promise<BenchResult[]> {
  // The venue shares the CPU of everything that has sockets.
  const [cpu] = usableCpus();
  const venue = startProcess<VenueRound, VenueOutcome>(new URL('./venue-process.js', import.meta.url), { cpu });
  try {
    const { port } = await venue.run({ kind: 'listen' });
    const url = `ws://127.0.0.1:${port}/ws/api/v2`;
    const [quoting, cancels] = await withEngine(venue, url, false, async (running) => {
      const phase = await mix(running, 'quoting', progress);
      return [phase, await jumps(running, progress)] as const;
    });
    const empty = await withEngine(venue, url, true, (running) => mix(running, 'empty', progress));
    return report(empty, quoting, cancels);
  } finally {
    await venue.close();
  }
}

async function withEngine<T>(
  venue: Side<VenueRound, VenueOutcome>,
  url: string,
  isEmpty: boolean,
  measure: (running: Running) => Promise<T>,
): Promise<T> {
  const engine = startProcess<EngineRound, EngineOutcome>(new URL('./engine-process.js', import.meta.url), {
    url,
    isEmpty,
  });
  try {
    await engine.run('start');
    if (!isEmpty) await quoted(venue);
    await pause(1000 * WARM_UP_SECONDS);
    await venue.run({ kind: 'still' });
    await venue.run({ kind: 'send', round: { kind: 'begin' } });
    const found = await measure({ engine, venue });
    await engine.run('stop');
    return found;
  } finally {
    await engine.close();
    await venue.run({ kind: 'end' });
  }
}

/** Resolves when the engine has its quotes at the venue. */
async function quoted(venue: Side<VenueRound, VenueOutcome>): Promise<void> {
  let open = 0;
  for (let second = 0; second < QUOTED_WITHIN_SECONDS; second++) {
    ({ open } = await venue.run({ kind: 'count' }));
    if (open >= QUOTED_SIDES) return;
    await pause(1000);
  }
  throw new Error(
    `tick-to-quote: expected ${QUOTED_SIDES} sides of quotes at the venue within ${QUOTED_WITHIN_SECONDS} s, found ${open}; the machine may be too busy`,
  );
}

async function mix({ engine, venue }: Running, name: string, progress: (line: string) => void): Promise<Phase> {
  await venue.run({ kind: 'send', round: { kind: 'mix', count: SETTLING, perSecond: PER_SECOND } });
  await pause(SETTLE_MS);
  progress(`tick-to-quote: ${name}, warmed up`);
  await engine.run('note');
  const sent = await venue.run({ kind: 'send', round: { kind: 'mix', count: MEASURED, perSecond: PER_SECOND } });
  await pause(SETTLE_MS);
  const seen = await engine.run('tell');
  progress(`tick-to-quote: ${name}, ${seen.frames.length} frames, ${seen.writes.length} requests`);
  return joined(sent, seen);
}

/** Mass cancels that answer a jump: microseconds from its frame. */
async function jumps({ engine, venue }: Running, progress: (line: string) => void): Promise<number[]> {
  const found: number[] = [];
  for (let jump = 0; jump < JUMPS; jump++) {
    await engine.run('note');
    await venue.run({ kind: 'send', round: { kind: 'jump' } });
    await pause(BACK_AFTER_MS);
    const { frames, writes } = await engine.run('tell');
    await venue.run({ kind: 'send', round: { kind: 'jump' } });
    await venue.run({ kind: 'send', round: { kind: 'mix', count: BETWEEN_JUMPS, perSecond: PER_SECOND } });
    await pause(JUMP_PAUSE_MS);
    const cancels = writes.filter(({ what }) => what === Written.CANCEL);
    for (const { ingress, read } of frames) {
      const answer = cancels.find((write) => write.ingress === ingress);
      if (answer !== undefined) found.push((answer.at - read) / 1000);
    }
    if (jump % 10 === 9) progress(`tick-to-quote: ${jump + 1} jumps, ${found.length} mass cancels`);
  }
  return found;
}

function joined(sent: VenueOutcome, seen: EngineOutcome): Phase {
  const { frames, writes } = seen;
  if (frames.length !== sent.due.length) {
    throw new Error(
      `tick-to-quote: ${sent.due.length} frames of market data were sent and ${frames.length} were read: what was measured cannot be told apart`,
    );
  }
  const shift = (sent.epochSeconds - seen.epochSeconds) * 1e9;
  const answers = new Map<number, SeenWrite[]>();
  for (const write of writes) {
    const others = answers.get(write.ingress);
    if (others === undefined) answers.set(write.ingress, [write]);
    else others.push(write);
  }
  const phase: Phase = {
    single: [],
    first: [],
    last: [],
    due: [],
    chainWrites: 0,
    perSecond: 0,
    late: 0,
    frames: frames.length,
    placement: seen.placement,
    notes: seen.notes,
  };
  for (const [number, { read, ingress }] of frames.entries()) {
    if (sent.sent[number]! - sent.due[number]! > LATE_NS) phase.late++;
    const found = answers.get(ingress) ?? [];
    const [first] = found;
    if (first === undefined) continue;
    const took = (first.at - read) / 1000;
    phase.due.push((first.at - (sent.due[number]! + shift)) / 1000);
    if (sent.kinds[number] === FrameKind.OPTION) phase.single.push(took);
    else {
      phase.first.push(took);
      phase.last.push((found.at(-1)!.at - read) / 1000);
      phase.chainWrites += found.length;
    }
  }
  const seconds = (sent.sent.at(-1)! - sent.sent[0]!) / 1e9;
  // A fifth of the frames went to execution's socket.
  phase.perSecond = ((sent.sent.length - 1) / seconds) * (MEASURED / sent.sent.length);
  return phase;
}

function report(empty: Phase, quoting: Phase, cancels: readonly number[]): BenchResult[] {
  const distribution = (values: readonly number[]): Distribution | undefined =>
    values.length === 0 ? undefined : distributionOf(Float64Array.from(values));
  const peer = distribution([...empty.single, ...empty.first]);
  const counts = Math.min(empty.perSecond, quoting.perSecond) >= LEAST_RATE * PER_SECOND;
  const result = (name: string, values: readonly number[], bar: string, of: Phase = quoting): BenchResult => {
    const missed = counts
      ? ''
      : `; the offered ${PER_SECOND}/s were missed (${Math.round(of.perSecond)}/s): it does not count`;
    const note = `${values.length} events; ${bar}${missed}`;
    const found = counts ? distribution(values) : undefined;
    return { name, unit: 'us', ...found, note };
  };
  const single = result('sockets: event of one option to its order', quoting.single, BARS.single);
  if (peer !== undefined && single.p99 !== undefined) {
    Object.assign(single, {
      peer: 'the same frames through eight stages that quote nothing, p99',
      peerValue: peer.p99,
      ratio: peer.p99 / single.p99,
    });
  }
  const chains = quoting.first.length;
  const last = result('sockets: move of an underlying to the last order', quoting.last, BARS.last);
  last.note += `; ${(quoting.chainWrites / Math.max(1, chains)).toFixed(1)} requests each`;
  const dueResult = result('sockets: from when a frame was due to the first byte of its order', quoting.due, 'no bar');
  dueResult.note += `; ${quoting.late} of ${quoting.frames} frames left more than 1 ms late; ${quoting.placement}`;
  const cancel = distribution(cancels);
  return [
    result('sockets: the same through stages that quote nothing', [...empty.single, ...empty.first], 'the peer', empty),
    single,
    result('sockets: move of an underlying to the first order', quoting.first, BARS.first),
    last,
    result('sockets: all events to their first order', [...quoting.single, ...quoting.first], BARS.all),
    dueResult,
    {
      name: 'sockets: jump of an underlying to the mass cancel',
      unit: 'us',
      ...cancel,
      note: `${cancels.length} jumps; ${BARS.cancel}`,
    },
  ];
}
