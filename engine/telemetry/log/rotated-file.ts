import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';

export interface RotatedFileOptions {
  folder: string;
  /** Name without its end: `engine` is written to `engine.log`, and before that to `engine.log.1`. */
  name: string;
  /** A file that is larger is put aside. */
  maxBytes: number;
  /** How many that were put aside are kept. */
  kept: number;
}

/** A log file that is put aside when it is large enough. A line is written when it is said: the last words of a process are those that count. */
export class RotatedFile {
  readonly path: string;
  /** Lines that could not be written: the disk is full or gone. */
  lost = 0;
  private readonly options: RotatedFileOptions;
  private readonly file: ReturnType<typeof pino.destination>;
  private bytes: number;

  constructor(options: RotatedFileOptions) {
    this.options = options;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    this.path = join(options.folder, `${options.name}.log`);
    this.bytes = existsSync(this.path) ? statSync(this.path).size : 0;
    this.file = pino.destination({ dest: this.path, mode: 0o600, sync: true, minLength: 0 });
    this.file.on('error', () => {
      this.lost++;
    });
  }

  write(line: string): void {
    const { maxBytes } = this.options;
    if (this.bytes > 0 && this.bytes + line.length > maxBytes) this.rotate();
    this.bytes += Buffer.byteLength(line);
    try {
      this.file.write(line);
    } catch {
      this.lost++;
    }
  }

  close(): void {
    this.file.end();
  }

  private rotate(): void {
    const { path } = this;
    const { kept } = this.options;
    try {
      if (kept === 0) rmSync(path, { force: true });
      for (let number = kept; number > 0; number--) {
        const from = number === 1 ? path : `${path}.${number - 1}`;
        if (existsSync(from)) renameSync(from, `${path}.${number}`);
      }
      this.file.reopen(path);
      this.bytes = 0;
    } catch {
      // It goes on in the file that it has: a large log is better than none.
      this.bytes = 0;
      this.lost++;
    }
  }
}
