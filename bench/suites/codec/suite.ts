import type { BenchResult, BenchSuite } from '../../report.js';
import { median } from '../../rig/distribution.js';
import { cpuPair, type Side, startThread } from '../../rig/side.js';
import { QUOTE_COUNT } from './quotes.js';
import { type CodecRound, type CodecSetup, QUOTE_BYTES } from './round.js';

const ROUNDS = 15;
const WORKS = ['encode', 'decode'] as const;

interface Contender {
  side: Side<CodecRound, number>;
  memory: SharedArrayBuffer;
  /** Messages of a timed round: some 20 ms. */
  count: number;
  /** Messages of an allocation round: few enough that the collector seldom comes between. */
  countForBytes: number;
}

function contender(codec: CodecSetup['codec'], count: number, countForBytes: number): Contender {
  const memory = new SharedArrayBuffer(QUOTE_COUNT * QUOTE_BYTES);
  const [, cpu] = cpuPair();
  const side = startThread<CodecRound, number>(new URL('./codec-worker.js', import.meta.url), { codec, memory, cpu });
  return { side, memory, count, countForBytes };
}

/**
 * The 88-byte Quote: the generated accessors on a ViewBuffer over shared memory, against the FlatBuffers library's own
 * Builder and ByteBuffer. Both write the same bytes, which is checked. Rounds alternate; figures are medians.
 */
export const suite: BenchSuite = async (progress) => {
  const own = contender('ViewBuffer', 1_000_000, 100_000);
  const library = contender('library', 100_000, 1_000);
  try {
    for (const { side, count } of [own, library]) {
      for (const work of WORKS) await side.run({ work, count, figure: 'nanoseconds' });
    }
    progress('codec: warmed up');
    checkSame(new Uint8Array(own.memory), new Uint8Array(library.memory));
    const results: BenchResult[] = [];
    for (const work of WORKS) {
      results.push(...(await compare(work, own, library)));
      progress(`codec: ${work} done`);
    }
    return results;
  } finally {
    await Promise.all([own.side.close(), library.side.close()]);
  }
};

async function compare(work: CodecRound['work'], own: Contender, library: Contender): Promise<BenchResult[]> {
  const times: number[] = [];
  const libraryTimes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    times.push(await own.side.run({ work, count: own.count, figure: 'nanoseconds' }));
    libraryTimes.push(await library.side.run({ work, count: library.count, figure: 'nanoseconds' }));
  }
  const peer = work === 'encode' ? 'FlatBuffers Builder' : 'FlatBuffers ByteBuffer';
  const value = median(times);
  const peerValue = median(libraryTimes);
  const bytes = ({ side, countForBytes }: Contender): Promise<number> =>
    side.run({ work, count: countForBytes, figure: 'bytes' });
  return [
    { name: work, unit: 'ns', value, peer, peerValue, ratio: peerValue / value },
    {
      name: `${work}, allocated`,
      unit: 'bytes/message',
      value: await bytes(own),
      peer,
      peerValue: await bytes(library),
    },
  ];
}

function checkSame(own: Uint8Array, library: Uint8Array): void {
  const at = own.findIndex((byte, index) => byte !== library[index]);
  if (at >= 0) throw new Error(`codec: byte ${at} is ${own[at]} by the accessors and ${library[at]} by the Builder`);
}
