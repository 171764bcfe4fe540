/**
 * Frames to records, beside JSON.parse alone on strings that are ready.
 *
 *   frames in a socket's bytes ──> scanner of the learnt shape ──> record in a ring's memory
 *   frames as strings ───────────> JSON.parse ──> objects
 */
import { binanceDecoder, parseStream } from '../../actors/feed/binance/decoder.js';
import { deribitDecoder, parseChannel } from '../../actors/feed/deribit/decoder.js';
import type { FrameDecoder } from '../../actors/feed/wire/frame-decoder.js';
import { NameTable } from '../../actors/feed/wire/name-table.js';
import { recordedFrames, recordedStream } from '../../engine/testing/recordings.js';
import { interleaved } from '../interleaved.js';
import { type FrameSet, layOut, needed } from '../recorded-frames.js';
import type { BenchResult, BenchSuite } from '../report.js';

const SLOT = 1 << 18;
const ROUNDS = 11;

interface Case {
  name: string;
  frames: FrameSet;
  decoder: FrameDecoder;
  /** Times that a round goes over the frames. */
  repeats: number;
}

function deribitCases(): Case[] {
  const frames = needed(recordedFrames('deribit/ws-2021-07-22/DERIBIT.ws.1.0.jsonl'), 'deribit/ws-2021-07-22');
  const names = new NameTable();
  const decoder = deribitDecoder(names);
  const channels = new Set(
    frames.flatMap((text) => (JSON.parse(text) as { params?: { channel: string } }).params?.channel ?? []),
  );
  for (const channel of channels) {
    const { kind, subject = '' } = parseChannel(channel)!;
    if (names.get(subject) < 0) names.set(subject, names.size);
    decoder.subscribe(channel, kind, names.get(subject));
  }
  const changes = frames.filter((text) => text.includes('"type":"change"'));
  const tickers = frames.filter((text) => text.includes('"channel":"ticker.'));
  return [
    { name: 'Deribit book change', frames: layOut(changes), decoder, repeats: 1500 },
    { name: 'Deribit ticker', frames: layOut(tickers), decoder, repeats: 400 },
  ];
}

function binanceCases(): Case[] {
  const frames = needed(recordedStream('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz'), 'binance/perp-2024-08-08');
  const names = new NameTable();
  names.set('BTCUSDT', 0);
  const decoder = binanceDecoder(names);
  return ['btcusdt@depth@0ms', 'btcusdt@bookTicker', 'btcusdt@trade'].map((stream) => {
    const { kind } = parseStream(stream)!;
    decoder.subscribe(stream, kind, 0);
    const own = frames
      .filter((text) => text.startsWith(`{"stream":"${stream}"`))
      .slice(0, kind === 'depth' ? 2000 : 20_000);
    return { name: `Binance ${kind}`, frames: layOut(own), decoder, repeats: kind === 'depth' ? 5 : 3 };
  });
}

function measure({ name, frames, decoder, repeats }: Case): BenchResult[] {
  const { texts, memory, starts, ends } = frames;
  const slot = new DataView(new SharedArrayBuffer(SLOT));
  let sink = 0;
  const scan = () => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (let index = 0; index < starts.length; index++) {
        sink += decoder.decode(memory, starts[index]!, ends[index]!, slot, 0, SLOT);
      }
    }
  };
  const parse = () => {
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (let index = 0; index < texts.length; index++) sink += JSON.parse(texts[index]!) === null ? 1 : 0;
    }
  };
  const [scanned, parsed] = interleaved(ROUNDS, [scan, parse]);
  const frameCount = repeats * texts.length;
  const heapBefore = process.memoryUsage().heapUsed;
  scan();
  const heapGrowth = process.memoryUsage().heapUsed - heapBefore;
  if (Number.isNaN(sink)) throw new Error('a decoder returned NaN');
  const bytes = Math.round(memory.capacity / texts.length);
  return [
    {
      name: `${name}, ${bytes} bytes`,
      unit: 'ns',
      value: scanned! / frameCount,
      peer: 'JSON.parse',
      peerValue: parsed! / frameCount,
      ratio: parsed! / scanned!,
      note: `${(scanned! / parsed!).toFixed(3)} of JSON.parse's time; ${texts.length} recorded frames in turn`,
    },
    {
      name: `${name}, heap per message`,
      unit: 'bytes',
      value: Math.max(0, heapGrowth) / frameCount,
      note: `over ${frameCount} messages; a number object would take 16`,
    },
  ];
}

export const suite: BenchSuite = (progress) => {
  const results: BenchResult[] = [];
  for (const one of [...deribitCases(), ...binanceCases()]) {
    progress(`decode: ${one.name}`);
    results.push(...measure(one));
  }
  return results;
};
