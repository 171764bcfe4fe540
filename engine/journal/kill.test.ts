import { expect, test } from 'vitest';
import { built } from '../testing/built.js';
import { killJournals } from '../testing/journal-kills.js';
import { Seeded } from '../testing/seeded.js';

test('a journal whose writer is killed at any moment opens, verifies, and holds all that was reported durable', async () => {
  const report = await killJournals(built('engine/testing/journal-load'), 5, new Seeded(6));
  expect(report.faults).toEqual([]);
  expect(report.records).toBeGreaterThan(0);
});
