import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Report } from './report.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const cell = z.union([z.string(), z.number(), z.null()]);
/** What counted from the beginning of the engine when the day was seen first: what the day brought is the difference. */
const opening = z.record(z.string(), z.record(z.string(), z.number()));
const keptSchema = z.strictObject({
  report: z.strictObject({
    day: z.string().regex(DAY),
    made: z.string(),
    seenFrom: z.string(),
    sections: z.array(
      z.strictObject({
        title: z.string(),
        head: z.array(z.string()),
        digits: z.array(z.number().int().min(0).max(20).nullable()),
        rows: z.array(z.array(cell)),
      }),
    ),
  }),
  opening,
});

export type Opening = z.infer<typeof opening>;
export interface KeptReport {
  report: Report;
  opening: Opening;
}

/** The reports, a file a day. */
export class ReportStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** The newest first. */
  days(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.json') && DAY.test(name.slice(0, -5)))
      .map((name) => name.slice(0, -5))
      .sort()
      .reverse();
  }

  /** Undefined where there is none, or none that can be read. */
  read(day: string): KeptReport | undefined {
    if (!DAY.test(day)) return undefined;
    const path = join(this.folder, `${day}.json`);
    if (!existsSync(path)) return undefined;
    try {
      return keptSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      process.stderr.write(
        `${path}: expected a report, found something else; it is left as it is: ${(error as Error).message.split('\n')[0]}\n`,
      );
      return undefined;
    }
  }

  /** Whole or not at all. */
  write(kept: KeptReport): void {
    const path = join(this.folder, `${kept.report.day}.json`);
    writeFileSync(`${path}.new`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}
