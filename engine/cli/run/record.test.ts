import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readRecording } from '../../../actors/recording-server/recording.js';
import { RecordingServer } from '../../../actors/recording-server/recording-server.js';
import { MessageType } from '../../../schemas/message-type.js';
import { eachRecord } from '../../journal/block.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import { built } from '../../testing/built.js';
import { sharedData } from '../../testing/shared-data.js';
import { parseFeedChoice } from './feed-choice.js';
import { journalDefinitions } from './journal-definitions.js';

const path = sharedData('deribit/ws-2021-07-22');

/** Runs the built program; resolves with its exit code and what it said. It is told to end once `done` says so. */
function volfilter(words: readonly string[], done?: () => boolean): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [built('engine/cli/main'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    const look = setInterval(() => {
      if (done?.() !== true) return;
      // Once: a second signal would not wait for the end.
      clearInterval(look);
      child.kill('SIGTERM');
    }, 200);
    child.once('exit', (code) => {
      clearInterval(look);
      resolve({ code, said });
    });
  });
}

describe('a source of market data', () => {
  test('is chosen by name', () => {
    expect(parseFeedChoice('synthetic')).toEqual({ kind: 'synthetic' });
    expect(parseFeedChoice('deribit-recording=a=b')).toEqual({ kind: 'recording', venue: 'deribit', path: 'a=b' });
    expect(parseFeedChoice('binance-recording=x')).toEqual({ kind: 'recording', venue: 'binance', path: 'x' });
    for (const wrong of ['', 'deribit', 'okx-recording=x', 'deribit-recording=']) {
      expect(parseFeedChoice(wrong)).toBeUndefined();
    }
  });

  test('that is not there is named in one line', async () => {
    for (const words of [
      ['run', '--no-journal', '--feed', 'deribit-recording=/not/there'],
      ['serve-recording', '/not/there'],
    ]) {
      const { code, said } = await volfilter(words);
      expect(code).not.toBe(0);
      expect(said).toMatch(/^volfilter: cannot serve \/not\/there: [^\n]+\n$/);
    }
  });
});

describe.skipIf(path === undefined)('volfilter record (skipped where ../shared/data is absent)', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  test('keeps every book update of a session in the journal, and a second run gives instruments the same ids', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'volfilter-record-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    /** Records of one type that the journal holds by now. */
    const held = (type: number): number => {
      if (!journalExists(folder)) return 0;
      let count = 0;
      const reader = new JournalReader(folder);
      for (const block of reader.blocks())
        eachRecord(block, (at) => (count += Number(block.readUInt16LE(at + 4) === type)));
      reader.close().catch(() => {});
      return count;
    };
    const record = async (gatewayPort: string, books: number) => {
      const server = new RecordingServer({ recording: readRecording(path!), speed: 'max', port: 0 });
      cleanUps.push(() => server.close());
      const url = `ws://127.0.0.1:${await server.listen()}/ws/api/v2`;
      const words = ['record', '--url', url, '--interval', 'raw', '--port', gatewayPort, '--journal', folder];
      const { code } = await volfilter(words, () => server.ended && held(MessageType.BOOK_UPDATE) >= books);
      expect(code).toBe(0);
      expect(server.ended).toBe(true);
    };
    await record('8795', 46);
    const first = (await journalDefinitions(folder, 0)).memory;
    await record('8796', 2 * 46);
    const second = (await journalDefinitions(folder, 0)).memory;
    expect(Buffer.compare(new Uint8Array(first), new Uint8Array(second))).toBe(0);

    const counts = new Map<number, number>();
    const reader = new JournalReader(folder);
    for (const block of reader.blocks()) {
      eachRecord(block, (offset) => {
        const type = block.readUInt16LE(offset + 4);
        counts.set(type, (counts.get(type) ?? 0) + 1);
      });
    }
    const { faults } = reader.verify();
    await reader.close();
    expect(faults).toEqual([]);
    expect(counts.get(MessageType.BOOK_UPDATE)).toBe(2 * 46);
    // At this pace the core lags, and tickers that newer ones replace are left out.
    expect(counts.get(MessageType.TICKER)).toBeGreaterThanOrEqual(2 * 10);
    expect(counts.get(MessageType.QUARANTINE)).toBeUndefined();
  });
});
