import type { Row } from './row.js';

/** What a running engine calls its instruments and underlyings, by their numbers. */
export class Names {
  private readonly instruments = new Map<unknown, string>();
  private readonly underlyings = new Map<unknown, string>();

  /** @param rows of the topic `instruments`, whose text begins with the name and the base currency */
  constructor(rows: readonly Row[]) {
    for (const { key, underlying, text } of rows) {
      const [name, base] = String(text).split('\t') as [string, string];
      this.instruments.set(key, name);
      this.underlyings.set(underlying, base);
    }
  }

  instrument(id: unknown): string {
    return this.instruments.get(id) ?? `#${String(id)}`;
  }

  underlying(id: unknown): string {
    return this.underlyings.get(id) ?? `#${String(id)}`;
  }

  /** Number of the underlying that is called so, in whatever case; undefined where there is none. */
  underlyingOf(name: string): number | undefined {
    for (const [id, each] of this.underlyings) if (each === name.toUpperCase()) return id as number;
    return undefined;
  }

  underlyingNames(): string[] {
    return [...this.underlyings.values()];
  }
}
