const KEPT = 100;

/** The lines that were given, to be called back with the arrows. */
export class CommandHistory {
  /** The latest last. */
  readonly lines: string[];
  private place: number;
  private draft = '';

  constructor(lines: readonly string[] = []) {
    this.lines = lines.filter((line) => typeof line === 'string').slice(-KEPT);
    this.place = this.lines.length;
  }

  add(line: string): void {
    const text = line.trim();
    if (text !== '' && this.lines.at(-1) !== text) this.lines.push(text);
    if (this.lines.length > KEPT) this.lines.shift();
    this.place = this.lines.length;
  }

  /** The line before the one that is shown. @param shown what the line says now; kept as the draft */
  before(shown: string): string {
    if (this.place === this.lines.length) this.draft = shown;
    this.place = Math.max(0, this.place - 1);
    return this.lines[this.place] ?? this.draft;
  }

  after(): string {
    this.place = Math.min(this.lines.length, this.place + 1);
    return this.lines[this.place] ?? this.draft;
  }
}
