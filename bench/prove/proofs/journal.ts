import { built } from '../../../engine/testing/built.js';
import { killJournals } from '../../../engine/testing/journal-kills.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import type { Proof } from '../proof.js';

/** A writer of journals is killed at random moments under full load. */
export const proof: Proof = {
  name: 'journal',
  claim:
    'a journal whose writer is killed at any moment opens, verifies, and holds every block that was reported durable',
  unit: 'kills',
  amounts: { ci: 10, full: 200 },
  async run(amount, progress) {
    const report = await killJournals(built('engine/testing/journal-load'), amount, new Seeded(20_251_122), progress);
    if (report.faults.length > 0) throw new Error(report.faults.join('; '));
    return [{ name: 'records found again', unit: 'records', value: report.records, note: `${report.kills} kills` }];
  },
};
