import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { MessageType } from '../../../../schemas/message-type.js';
import { eachRecord } from '../../../journal/block.js';
import { JournalReader } from '../../../journal/reader.js';
import { inversePrice } from '../../../quant/black76/index.js';
import { paperOnChains } from './chain-paper.js';

const TIME = Date.UTC(2026, 0, 1, 9, 20);
const EXPIRY = Date.UTC(2026, 0, 30, 8);
const FORWARD = 90_000;
let folder = '';

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A chain of one expiry in the files' own columns, its quotes a little around one vol. */
function write(): void {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-chains-'));
  const rows = ['ts_ms,instrument,bid,ask,mark,mark_iv,underlying,index'];
  const marks = ['snapshot_timestamp_ms,instrument_name,perp_futures_mark_price'];
  for (const time of [TIME, TIME + 6 * 3_600_000]) {
    const years = (EXPIRY - time) / (365 * 86_400_000);
    for (let strike = 70_000; strike <= 110_000; strike += 5000) {
      for (const right of ['C', 'P']) {
        const value = inversePrice(FORWARD, strike, years, 0.5, right === 'C');
        const bid = Math.floor(value / 0.0005 - 1) * 0.0005;
        const quotes = [bid > 0 ? bid.toFixed(4) : '', (bid + 0.0015).toFixed(4), value.toFixed(6), '0.5'];
        rows.push([time, `BTC-30JAN26-${strike}-${right}`, ...quotes, FORWARD, FORWARD].join(','));
      }
    }
    marks.push([time, 'BTC-PERPETUAL', FORWARD].join(','));
  }
  writeFileSync(join(folder, 'chain_2026-01.csv'), `${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'perpetual_marks.csv'), `${marks.join('\n')}\n`);
}

it('recorded chains are quoted on paper, and the journal holds orders and a report of the profit', async () => {
  write();
  const journal = join(folder, 'journal');
  const said: string[] = [];
  const given = { path: folder, journal, snapshots: 2, tell: (line: string) => void said.push(line) };
  expect(await paperOnChains(given)).toBe(0);
  expect(said.join('\n')).toMatch(/2 snapshots/);
  expect(said.join('\n')).toMatch(/profit, USD +btc_usd/);
  const report = JSON.parse(readFileSync(join(journal, 'reports', 'run-1.json'), 'utf8'));
  expect(report.mode).toBe('paper');
  expect(report.quoted).toBeGreaterThan(10);
  const counts = new Map<number, number>();
  const reader = new JournalReader(journal);
  for (const block of reader.blocks()) {
    eachRecord(block, (at) => {
      const type = block.readUInt16LE(at + 4);
      counts.set(type, (counts.get(type) ?? 0) + 1);
    });
  }
  await reader.close();
  expect(counts.get(MessageType.APPROVED_ORDER)).toBeGreaterThan(20);
  expect(counts.get(MessageType.REQUEST_REPORT)).toBeGreaterThan(20);
  // A second run cannot follow a log of another time.
  await expect(paperOnChains(given)).rejects.toThrow(/holds a journal already/);
});
