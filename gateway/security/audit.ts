import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What was done or refused, and who did it. */
export interface AuditEntry {
  user: string;
  role: string;
  remote: string;
  /** Id of the request. */
  request: string;
  action: string;
  reason: string;
  outcome: string;
  detail?: unknown;
}

/** An entry as it stands in the log. */
export interface AuditLine extends AuditEntry {
  number: number;
  /** ISO 8601. */
  time: string;
  /** Hash of the line before. */
  previous: string;
}

/** Lines that are kept to be looked at. */
const MOST_RECENT = 1000;

const GENESIS = '0'.repeat(64);

/**
 * The audit log: a line an act, each with the hash of the line before, so that none can be changed or taken out of the middle without it
 * being seen. A line is on the disk before the act is answered. Without a file it is kept by nobody, which tests use.
 */
export class AuditLog {
  /** The newest lines, the oldest of them first. */
  readonly recent: AuditLine[];
  private readonly file: number | undefined;
  private readonly now: () => number;
  private number: number;
  private hash: string;

  /** Throws where the file does not verify: an audit log is not gone on with over a break. */
  constructor(path: string | undefined, now: () => number = Date.now) {
    this.now = now;
    const before = path !== undefined && existsSync(path) ? verifyAudit(path) : { lines: 0, head: GENESIS, recent: [] };
    this.number = before.lines;
    this.hash = before.head;
    this.recent = before.recent;
    this.file = path === undefined ? undefined : openSync(path, 'a', 0o600);
  }

  /** The number of the line. */
  write(entry: AuditEntry): number {
    const line: AuditLine = {
      number: ++this.number,
      time: new Date(this.now()).toISOString(),
      ...entry,
      previous: this.hash,
    };
    const text = JSON.stringify(line);
    this.hash = hashOf(text);
    if (this.file !== undefined) {
      writeSync(this.file, `${text}\n`);
      fsyncSync(this.file);
    }
    this.recent.push(line);
    if (this.recent.length > MOST_RECENT) this.recent.shift();
    return line.number;
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
  }
}

function hashOf(line: string): string {
  return createHash('sha256').update(line).digest('hex');
}

/** Lines, the hash of the last and the newest themselves; throws, naming the line, where the chain is broken. */
export function verifyAudit(path: string): { lines: number; head: string; recent: AuditLine[] } {
  let head = GENESIS;
  const lines = readFileSync(path, 'utf8').split('\n');
  // What follows the last line's end: a line that a crash cut off was answered to nobody, but must not be written behind.
  if (lines.pop() !== '') throw new Error(`${path}: the last line is cut off; look at it and end or remove it by hand`);
  lines.forEach((text, index) => {
    const line: unknown = JSON.parse(text);
    const { number, previous } = line as { number?: unknown; previous?: unknown };
    if (number !== index + 1 || previous !== head) {
      throw new Error(`${path}: line ${index + 1} does not follow the one before: something was changed or taken out`);
    }
    head = hashOf(text);
  });
  return { lines: lines.length, head, recent: lines.slice(-MOST_RECENT).map((text) => JSON.parse(text) as AuditLine) };
}
