import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalReader } from '../journal/reader.js';
import type { Seeded } from './seeded.js';

/** Kills before a new journal is begun: verification reads all of it each time. */
const KILLS_PER_JOURNAL = 10;

export interface KillReport {
  kills: number;
  /** Records in the journals, all of them verified. */
  records: number;
  /** Of each fault what happened; empty when every journal opened, verified and held what was reported durable. */
  faults: string[];
}

/** Writes a journal in a child process for a while and kills it in the middle of what it does; what it last reported. */
async function killOnce(
  program: string,
  folder: string,
  milliseconds: number,
): Promise<{ committed: number; synced: number }> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // The whole lines of the last few kilobytes are enough.
    said = (said + text).slice(-4096);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  await new Promise<void>((resolve) => {
    child.stdout.once('data', () => setTimeout(resolve, milliseconds));
    child.once('exit', () => resolve());
  });
  const exited = child.exitCode !== null;
  child.kill('SIGKILL');
  await new Promise<void>((resolve) => (child.stdout.closed ? resolve() : child.once('close', () => resolve())));
  if (exited) throw new Error(`the writer ended by itself: ${complained.slice(0, 400)}`);
  const lines = said.slice(0, said.lastIndexOf('\n')).split('\n');
  const [committed = -1, synced = -1] = (lines.at(-1) ?? '').split(' ').map(Number);
  return { committed, synced };
}

/** Kills a writer of journals again and again, and verifies each time what it left. @param program the compiled journal-load.js */
export async function killJournals(
  program: string,
  kills: number,
  random: Seeded,
  progress: (done: number) => void = () => {},
): Promise<KillReport> {
  const report: KillReport = { kills: 0, records: 0, faults: [] };
  let folder = '';
  try {
    for (; report.kills < kills; report.kills++) {
      if (report.kills % KILLS_PER_JOURNAL === 0) {
        if (folder !== '') rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'volfilter-kill-'));
      }
      const durable = await killOnce(program, folder, random.below(120));
      const reader = new JournalReader(folder);
      const found = reader.verify();
      await reader.close();
      const last = found.blocks === 0 ? -1 : found.lastPosition;
      for (const fault of found.faults) report.faults.push(`kill ${report.kills}: ${fault}`);
      if (last < durable.committed || last < durable.synced) {
        report.faults.push(`kill ${report.kills}: ends at ${last}, and ${durable.committed} was reported durable`);
      }
      report.records += found.records;
      progress(report.kills + 1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return report;
}
