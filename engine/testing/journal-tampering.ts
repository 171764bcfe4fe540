import { createPublicKey } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { open } from 'lmdb';
import { BLOCK_HEADER, eachRecord, hashBlock, readHeader, sealBlock } from '../journal/block.js';
import { JournalReader } from '../journal/reader.js';
import { loadSigningKey } from '../journal/signing-key.js';
import type { Seeded } from './seeded.js';

/** What is done to a journal behind its back. */
export const tamperings = [
  ...[
    'flipped bit',
    'flipped bit and a hash to match',
    'dropped block',
    'dropped record',
    'inserted record',
    'inserted block',
  ],
  ...['reordered blocks', 'reordered records', 'cut tail', 'cut tail and its head', 'changed head'],
] as const;
export type Tampering = (typeof tamperings)[number];

export interface TamperingReport {
  tried: number;
  /** Of each kind, how many were found. */
  found: Record<string, number>;
  /** What was not found, in words. */
  missed: string[];
}

/** A reader's view of the store lasts until its next turn, and one more. */
const VIEW_MS = 3;

interface Chain {
  keys: Buffer[];
  blocks: Buffer[];
}

/**
 * Spoils a journal in seeded ways before its signed head, one at a time, and verifies it each time; the journal is whole again at the end.
 * A head that was kept elsewhere is what shows a tail that was cut away together with the head that covered it.
 */
export async function tamperWith(
  folder: string,
  keyFile: string,
  amount: number,
  random: Seeded,
  progress: (done: number) => void = () => {},
): Promise<TamperingReport> {
  const key = createPublicKey(loadSigningKey(keyFile));
  const env = open({ path: `${folder}/journal.mdb`, noSubdir: true, maxDbs: 16, overlappingSync: true });
  const blocks = env.openDB<Buffer, Buffer>({ name: 'blocks', keyEncoding: 'binary', encoding: 'binary' });
  const heads = env.openDB<Buffer, number>({ name: 'heads', encoding: 'binary' });
  const whole: Chain = { keys: [], blocks: [] };
  for (const { key: at, value } of blocks.getRange({})) {
    whole.keys.push(Buffer.from(at));
    whole.blocks.push(Buffer.from(value));
  }
  const signed = [...heads.getRange({})].map(({ key: at, value }) => ({ at, value: Buffer.from(value) }));
  const kept = readHeader(whole.blocks.at(-1)!)!.hash.toString('hex');
  const report: TamperingReport = { tried: 0, found: {}, missed: [] };
  const reader = new JournalReader(folder);
  try {
    for (; report.tried < amount; report.tried++) {
      const tampering = tamperings[report.tried % tamperings.length]!;
      const place = random.below(whole.blocks.length);
      env.transactionSync(() => {
        if (tampering === 'changed head') {
          const head = signed[random.below(signed.length)]!;
          const changed = Buffer.from(head.value);
          flip(changed, random.below(changed.length), random);
          heads.putSync(head.at, changed);
          return;
        }
        const chain = spoil(whole, tampering, place, random);
        for (const at of whole.keys) blocks.removeSync(at);
        for (const [index, block] of chain.blocks.entries()) blocks.putSync(chain.keys[index]!, block);
        if (tampering !== 'cut tail and its head') return;
        for (const { at } of signed) if (at >= chain.blocks.length) heads.removeSync(at);
      });
      await wait(VIEW_MS);
      const { faults, hash } = reader.verify(key);
      if (faults.length > 0 || hash !== kept) report.found[tampering] = (report.found[tampering] ?? 0) + 1;
      else report.missed.push(`${tampering} at block ${place} (mutation ${report.tried})`);
      env.transactionSync(() => {
        for (const at of [...blocks.getKeys({})].map((found) => Buffer.from(found))) blocks.removeSync(at);
        for (const [index, block] of whole.blocks.entries()) blocks.putSync(whole.keys[index]!, block);
        for (const { at, value } of signed) heads.putSync(at, value);
      });
      await wait(VIEW_MS);
      // What is found has to be what was done, and not what is found in every journal.
      const restored = reader.verify(key);
      if (restored.faults.length > 0 || restored.hash !== kept)
        report.missed.push(`mutation ${report.tried} was seen when it was gone: ${restored.faults.join('; ')}`);
      progress(report.tried + 1);
    }
  } finally {
    await reader.close();
    await env.close();
  }
  return report;
}

/** The chain with one thing wrong. */
function spoil({ keys, blocks }: Chain, tampering: Tampering, place: number, random: Seeded): Chain {
  const spoilt: Chain = { keys: [...keys], blocks: blocks.map((block) => Buffer.from(block)) };
  const block = spoilt.blocks[place]!;
  const without = (from: number, count: number): Chain => {
    spoilt.keys.splice(from, count);
    spoilt.blocks.splice(from, count);
    return spoilt;
  };
  const records = recordsOf(block);
  const which = random.below(records.length);
  switch (tampering) {
    case 'flipped bit':
      flip(block, random.below(block.length), random);
      return spoilt;
    case 'flipped bit and a hash to match':
      flip(block, BLOCK_HEADER + random.below(block.length - BLOCK_HEADER), random);
      hashBlock(block).copy(block, HASH_AT);
      return spoilt;
    case 'dropped block':
      return without(place, 1);
    case 'cut tail':
    case 'cut tail and its head':
      return without(Math.max(1, place), blocks.length);
    case 'reordered blocks': {
      // Each under the other's key.
      const other = (place + 1 + random.below(blocks.length - 1)) % blocks.length;
      spoilt.blocks[place] = Buffer.from(blocks[other]!);
      spoilt.blocks[other] = Buffer.from(blocks[place]!);
      return spoilt;
    }
    case 'inserted block': {
      const twin = Buffer.from(keys[place]!);
      twin.writeUInt32BE(blocks.length + 1, 8);
      spoilt.keys.splice(place + 1, 0, twin);
      spoilt.blocks.splice(place + 1, 0, Buffer.from(block));
      return spoilt;
    }
    case 'dropped record':
      spoilt.blocks[place] = resealed(
        block,
        records.filter((_, index) => index !== which),
      );
      return spoilt;
    case 'inserted record':
      spoilt.blocks[place] = resealed(block, [...records.slice(0, which), records[which]!, ...records.slice(which)]);
      return spoilt;
    case 'reordered records': {
      const other = records.findIndex((record) => !record.equals(records[which]!));
      const order = [...records];
      [order[which], order[other]] = [records[other]!, records[which]!];
      spoilt.blocks[place] = resealed(block, order);
      return spoilt;
    }
    case 'changed head':
      return spoilt;
  }
}

/** Where a block keeps its own hash. */
const HASH_AT = 64;

function flip(bytes: Buffer, at: number, random: Seeded): void {
  bytes[at] = bytes[at]! ^ (1 << random.below(8));
}

function recordsOf(block: Buffer): Buffer[] {
  const records: Buffer[] = [];
  eachRecord(block, (offset, length) =>
    records.push(Buffer.from(block.subarray(offset, offset + ((length + 7) & ~7)))),
  );
  return records;
}

/** A block of other records that is right in itself: only the chain knows better. */
function resealed(block: Buffer, records: readonly Buffer[]): Buffer {
  const made = Buffer.concat([Buffer.alloc(BLOCK_HEADER), ...records]);
  const { ordinal, firstPosition, lastPosition, previousHash } = readHeader(block)!;
  sealBlock(made, { ordinal, firstPosition, lastPosition, previousHash, records: records.length });
  return made;
}
