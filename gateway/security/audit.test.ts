import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditLog, verifyAudit } from './audit.js';

const entry = { user: 'u', role: 'admin', remote: '', request: 'r', action: 'a', reason: '', outcome: 'done' };

describe('the audit log', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-audit-'));
    path = join(folder, 'audit.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('goes on where it ended', () => {
    for (let start = 0; start < 3; start++) {
      const log = new AuditLog(path);
      expect(log.write(entry)).toBe(2 * start + 1);
      log.write(entry);
      log.close();
    }
    expect(verifyAudit(path).lines).toBe(6);
  });

  it.each([
    ['a changed line', (lines: string[]) => lines.map((line, at) => (at === 1 ? line.replace('done', 'gone') : line))],
    ['a line taken out', (lines: string[]) => lines.filter((_, at) => at !== 1)],
    ['two lines that changed places', ([a, b, c, ...rest]: string[]) => [a!, c!, b!, ...rest]],
  ])('shows %s', (_name, spoil) => {
    const log = new AuditLog(path);
    for (let line = 0; line < 4; line++) log.write(entry);
    log.close();
    writeFileSync(path, spoil(readFileSync(path, 'utf8').trimEnd().split('\n')).join('\n').concat('\n'));
    expect(() => new AuditLog(path)).toThrow(/does not follow/);
  });
});
