import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MessageType } from '../../schemas/message-type.js';
import { BLOCK_HEADER, hashBlock } from './block.js';
import { currentLayouts } from './layouts.js';
import { JournalReader } from './reader.js';
import { loadSigningKey } from './signing-key.js';
import { type JournalOptions, JournalWriter } from './writer.js';

const layouts = currentLayouts(MessageType);
const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
const memory = new Int32Array(1 << 18);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const openWriter = (options: Partial<JournalOptions> = {}) => new JournalWriter({ folder, key, layouts, ...options });

/** A record of a length that says which it is in every word. */
function record(length: number, which: number): Int32Array {
  memory.fill(which + 1, 0, (length + 3) >> 2);
  memory[0] = length;
  return memory;
}

async function written(count: number, length = 64, close = true): Promise<JournalWriter> {
  const writer = openWriter();
  for (let which = 0; which < count; which++) {
    while (!writer.append(record(length, which), 0, length, which + 1)) await writer.flush();
  }
  if (close) await writer.close(1);
  return writer;
}

async function verified(check = publicKey) {
  const reader = new JournalReader(folder);
  try {
    return reader.verify(check);
  } finally {
    await reader.close();
  }
}

/** Changes the store behind the journal's back. */
async function tamper(
  name: string,
  change: (value: Buffer, key: Buffer) => Buffer | undefined,
  at: number,
): Promise<void> {
  const env = open({ path: join(folder, 'journal.mdb'), noSubdir: true, maxDbs: 8 });
  const db = env.openDB<Buffer, Buffer>({ name, keyEncoding: 'binary', encoding: 'binary' });
  const { key: where, value } = [...db.getRange({})]
    .map((entry) => ({ key: Buffer.from(entry.key), value: Buffer.from(entry.value) }))
    .at(at)!;
  const changed = change(value, where);
  if (changed === undefined) await db.remove(where);
  else await db.put(where, changed);
  await env.close();
}

describe('a journal', () => {
  test('gives back every record, byte for byte and in order, whatever their lengths', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 8, max: 3000 }), { minLength: 1, maxLength: 200 }),
        async (lengths) => {
          rmSync(folder, { recursive: true, force: true });
          const writer = openWriter();
          const expected = lengths.map((length, which) => {
            writer.append(record(length, which), 0, length, which);
            return Buffer.from(Buffer.from(memory.buffer).subarray(0, length));
          });
          await writer.close(1);
          const reader = new JournalReader(folder);
          const found: Buffer[] = [];
          reader.eachRecord((block, offset, length) =>
            found.push(Buffer.from(block.subarray(offset, offset + length))),
          );
          await reader.close();
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('says what is committed and what is on the disk', async () => {
    const writer = await written(5000, 64, false);
    writer.seal();
    await writer.flush();
    expect([writer.committed, writer.synced]).toEqual([5000, 5000]);
    await writer.close(1);
    expect(writer.state).toBe('closed');
  });

  test('that is opened again goes on with the same chain', async () => {
    await written(3000);
    const again = openWriter();
    expect(again.position).toBe(3000);
    for (let which = 3000; which < 6000; which++) again.append(record(64, which), 0, 64, which + 1);
    await again.close(2);
    expect(await verified()).toMatchObject({ records: 6000, lastPosition: 6000, faults: [], signed: true, heads: 2 });
  });

  test('finds the records from a position on without reading those before', async () => {
    await written(20_000);
    const reader = new JournalReader(folder);
    const positions: number[] = [];
    reader.eachRecord((block, offset) => positions.push(block.readInt32LE(offset + 4) - 1), 15_000, 15_100);
    await reader.close();
    expect(positions).toContain(15_000);
    expect(positions.length).toBeLessThan(3000);
    expect(positions[0]).toBeGreaterThan(12_000);
  });

  test('never goes back in position, as orders answer events that came before them', async () => {
    const writer = openWriter();
    for (const position of [5, 9, 7, 9, 12, 3]) writer.append(record(64, position), 0, 64, position);
    await writer.close(1);
    expect(await verified()).toMatchObject({ firstPosition: 5, lastPosition: 12, faults: [] });
  });

  test('keeps the layouts that it was written with', async () => {
    await written(10);
    const reader = new JournalReader(folder);
    expect(reader.layouts(0)).toEqual(layouts);
    expect(reader.layouts(0).records[MessageType.BOOK_UPDATE]).toMatchObject({
      body: 'BookUpdate',
      run: { struct: 'Level' },
    });
    await reader.close();
  });

  test('keeps digests by stage and position', async () => {
    const writer = openWriter();
    writer.digest('quoter', 1024, Buffer.from('one'));
    writer.digest('quoter', 2048, Buffer.from('two'));
    writer.digest('risk', 1024, Buffer.from('other'));
    await writer.close(1);
    const reader = new JournalReader(folder);
    expect(reader.digests('quoter').map(({ position, hash }) => [position, hash.toString()])).toEqual([
      [1024, 'one'],
      [2048, 'two'],
    ]);
    await reader.close();
  });

  test('can be read while it is written', async () => {
    const writer = await written(5000, 64, false);
    writer.seal();
    await writer.flush();
    const reader = new JournalReader(folder);
    expect(reader.verify(publicKey)).toMatchObject({ records: 5000, faults: [] });
    await writer.close(1);
    await reader.close();
  });
});

describe('verification finds', () => {
  beforeEach(() => written(8000).then(() => {}));

  test('nothing wrong in what was not touched', async () => {
    expect(await verified()).toMatchObject({ records: 8000, faults: [], signed: true });
  });

  test('any changed byte', async () => {
    for (const at of [0, 9, 20, 40, 70, BLOCK_HEADER, BLOCK_HEADER + 5000]) {
      await tamper('blocks', (block) => Buffer.from(block).fill(block[at]! ^ 1, at, at + 1), 3);
      expect((await verified()).faults.length, `byte ${at}`).toBeGreaterThan(0);
      await tamper('blocks', (block) => Buffer.from(block).fill(block[at]! ^ 1, at, at + 1), 3);
    }
    expect((await verified()).faults).toEqual([]);
  });

  test('a block that was written anew with a hash of its own', async () => {
    await tamper(
      'blocks',
      (block) => {
        block.fill(7, BLOCK_HEADER + 16, BLOCK_HEADER + 20);
        hashBlock(block).copy(block, 64);
        return block;
      },
      3,
    );
    expect((await verified()).faults).toEqual(['block 4: does not follow the block before it']);
  });

  test('a block that is missing', async () => {
    await tamper('blocks', () => undefined, 3);
    expect((await verified()).faults[0]).toBe('block 3: found block 4, some are missing');
  });

  test('a tail that was cut off behind a signed head', async () => {
    await tamper('blocks', () => undefined, -1);
    expect((await verified()).faults).toEqual(['head of block 7: the block is gone']);
  });

  test('a journal that somebody else signed', async () => {
    const { publicKey: other } = generateKeyPairSync('ed25519');
    expect((await verified(other)).faults).toEqual(['head of block 7: not signed with the key']);
  });
});

describe('a writer', () => {
  test('refuses to go on with another key', async () => {
    await written(10);
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(() => openWriter({ key: other })).toThrow('signed with another key');
  });

  test('stops before the disk is full, says so, and leaves what is there readable', async () => {
    let free = 1e12;
    const writer = openWriter({ freeBytes: () => free, reserveBytes: 1e9 });
    let taken = 0;
    while (writer.append(record(4096, taken), 0, 4096, taken + 1)) {
      taken++;
      if (taken === 3000) free = 1e6;
      if (taken % 500 === 0) await writer.flush();
    }
    expect(writer.state).toBe('full');
    expect(writer.problem).toBe("the journal's disk has 1000000 bytes left, and 1000000000 must stay free");
    expect(taken).toBeLessThan(10_000);
    await writer.flush();
    await writer.close(1);
    const report = await verified();
    expect(report.faults).toEqual([]);
    expect(report.lastPosition).toBeGreaterThan(3000);
  });

  test('refuses records that are none', () => {
    const writer = openWriter();
    expect(() => writer.append(memory, 0, 4, 1)).toThrow('found 4');
    expect(() => writer.append(memory, 0, 1 << 20, 1)).toThrow('found 1048576');
    return writer.close(1);
  });
});

test('a signing key is made at its first use, readable by its owner alone, and is the same afterwards', () => {
  const path = join(folder, 'keys', 'signing.key');
  const first = loadSigningKey(path);
  expect(loadSigningKey(path).equals(first)).toBe(true);
});

test('a folder without a journal is said to be one', () => {
  expect(() => new JournalReader(folder)).toThrow('there is no journal in');
});
