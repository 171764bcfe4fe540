import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { currentLayouts } from '../../../engine/journal/layouts.js';
import { JournalWriter } from '../../../engine/journal/writer.js';
import { tamperings, tamperWith } from '../../../engine/testing/journal-tampering.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { Proof } from '../proof.js';

const BLOCKS = 12;
const RECORDS_PER_BLOCK = 24;

/** A journal is spoilt before its signed head, in every way there is. */
export const proof: Proof = {
  name: 'tampering',
  claim: 'whatever is flipped, dropped, inserted, reordered or cut before the signed head of a journal is found',
  unit: 'mutations',
  amounts: { ci: 500, full: 10_000 },
  async run(amount, progress) {
    const folder = mkdtempSync(join(tmpdir(), 'volfilter-tampering-'));
    try {
      const keyFile = join(folder, 'key.pem');
      await writeJournal(folder, keyFile);
      const report = await tamperWith(folder, keyFile, amount, new Seeded(20_251_129), progress);
      if (report.missed.length > 0)
        throw new Error(`${report.missed.length} not found: ${report.missed.slice(0, 5).join('; ')}`);
      const found = Object.values(report.found).reduce((sum, count) => sum + count, 0);
      return [
        { name: 'mutations found', unit: 'mutations', value: found, note: `${tamperings.length} kinds, none missed` },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Small blocks of records that all differ, a head behind every third. */
async function writeJournal(folder: string, keyFile: string): Promise<void> {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const writer = new JournalWriter({ folder, key, layouts: currentLayouts(MessageType) });
  const random = new Seeded(1);
  const words = new Int32Array(64);
  for (let block = 0, position = 1; block < BLOCKS; block++) {
    for (let record = 0; record < RECORDS_PER_BLOCK; record++, position++) {
      const bytes = 64 + 8 * random.below(8);
      for (let word = 0; word < words.length; word++) words[word] = random.below(0x7fffffff);
      words[0] = bytes;
      writer.append(words, 0, bytes, position);
    }
    writer.seal();
    await writer.flush();
    if (block % 3 === 2) writer.sign(block + 1);
  }
  await writer.close(BLOCKS + 1);
}
