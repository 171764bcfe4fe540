import { Gauge, Registry } from 'prom-client';
import { boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { Exposition } from '../../gateway/metrics/exposition.js';
import { TopicSet } from '../../gateway/topics/topic-set.js';
import type { BenchResult, BenchSuite } from '../report.js';

const SERIES = 10_000;
/** Series of one actor: two histograms of 22 lines, four counters. */
const SERIES_OF_ACTOR = 48;
const SCRAPES = 40;

/** Milliseconds of each scrape, sorted, after some that let the compiler see what it is. */
async function scrapes(work: () => Promise<string>): Promise<number[]> {
  for (let warm = 0; warm < 10; warm++) await work();
  const times: number[] = [];
  for (let scrape = 0; scrape < SCRAPES; scrape++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

function seriesOf(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

/** A scrape of 10,000 series from shared memory, beside the library's own gauges filled anew for each scrape. */
export const suite: BenchSuite = async (progress) => {
  const actors = Array.from({ length: Math.ceil(SERIES / SERIES_OF_ACTOR) }, (_, actor) => `actor-${actor}`);
  const plan = { threads: ['core'], actors };
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  actors.forEach((_, actor) => {
    for (let value = 1; value < 2_000_000; value = Math.ceil(value * 1.03)) {
      board.waitingHistogram(actor).record(value);
      board.serviceHistogram(actor).record(value);
    }
  });
  const own = { clients: 0, lagging: 0, frames: 0 };
  const topics = new TopicSet({ board, engineRun: 1, shown: new Map(), own });
  const exposition = new Exposition({ board, topics, own });
  const series = seriesOf(await exposition.text());
  progress(`${series} series`);
  const registry = new Registry();
  const gauges = Array.from(
    { length: 10 },
    (_, number) =>
      new Gauge({ name: `peer_${number}`, help: 'Peer.', labelNames: ['actor', 'le'], registers: [registry] }),
  );
  const theirs = async (): Promise<string> => {
    for (const gauge of gauges)
      for (let row = 0; row < series / 10; row++) gauge.set({ actor: `actor-${row}`, le: '0.001' }, row * 1.1);
    return registry.metrics();
  };
  const ours = await scrapes(() => exposition.text());
  const peer = await scrapes(theirs);
  const at = (times: readonly number[], share: number): number => times[Math.floor(times.length * share)]!;
  const result: BenchResult = {
    name: `scrape of ${series} series`,
    unit: 'ms',
    value: at(ours, 0.5),
    peer: 'gauges of prom-client set for each scrape',
    peerValue: at(peer, 0.5),
    ratio: at(peer, 0.5) / at(ours, 0.5),
    note: `aim: 15 ms; fastest ${ours[0]!.toFixed(1)}, 90th percentile ${at(ours, 0.9).toFixed(1)}`,
  };
  return [result];
};
