/** Bytes kept of a value's text: the value, the byte behind it, and up to seven more that come with whole words. */
const TEXT = 24;

/**
 * What each value of a channel's last message read, and what it became: most values of a ticker are the same in the next
 * one, and comparing text is cheaper than scanning it.
 */
export class RememberedValues {
  /** By step: the value's text and what stood behind it. */
  readonly texts: DataView;
  /** By step: words of text to compare; 0 where nothing is remembered. */
  readonly wordCounts: Uint8Array;
  /** By step: length of the value's text in bytes. */
  readonly lengths: Uint8Array;
  /** By step: what the record was given. */
  readonly values: Float64Array;

  constructor(steps: number) {
    this.texts = new DataView(new ArrayBuffer(steps * TEXT));
    this.wordCounts = new Uint8Array(steps);
    this.lengths = new Uint8Array(steps);
    this.values = new Float64Array(steps);
  }

  /** Length of the remembered text if the same text stands at `at`, ended by the same byte; -1 where it does not. */
  match(index: number, view: DataView, at: number): number {
    const { texts, wordCounts } = this;
    const words = wordCounts[index]!;
    if (words === 0) return -1;
    for (let word = 0, from = index * 24; word < words; word++, from += 8) {
      if (view.getFloat64(at + 8 * word, true) !== texts.getFloat64(from, true)) return -1;
    }
    return this.lengths[index]!;
  }

  /** Remembers the text between two positions; the caller puts what it became in `values`, as passing it would box it. */
  keep(index: number, view: DataView, at: number, end: number): void {
    const length = end - at;
    // With the byte behind it, since a number ends only where another character follows.
    const words = (length + 8) >> 3;
    if (words > 3) {
      this.wordCounts[index] = 0;
      return;
    }
    for (let word = 0, to = index * 24; word < words; word++, to += 8) {
      this.texts.setFloat64(to, view.getFloat64(at + 8 * word, true), true);
    }
    this.wordCounts[index] = words;
    this.lengths[index] = length;
  }
}
