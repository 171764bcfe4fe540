import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf, type GridSource, leastWidth } from './column.js';

const table = (texts: readonly string[]): GridSource => ({
  columns: [
    { title: 'name', width: 8, words: true, text: (row) => texts[row]! },
    { title: 'size', unit: 'BTC', width: 8, text: (row) => `${row}.5` },
  ],
  rows: () => texts.length,
});

describe('the width of a column', () => {
  const column = (title: string, unit?: string) => ({
    title,
    ...(unit === undefined ? {} : { unit }),
    width: 8,
    text: () => '',
  });

  it('is that of its values, and no less than its head needs', () => {
    expect(leastWidth(column('bid'))).toBe(8);
    expect(leastWidth(column('half width'))).toBe(10);
    expect(leastWidth(column('delta', 'coin'))).toBe(10);
  });
});

describe('a table as lines of values', () => {
  it('names units in its head', () => {
    expect(csvOf(table([]))).toBe('name,size BTC\n');
  });

  it('gives nothing that a spreadsheet would take for a formula', () => {
    expect(csvOf(table(['=1+1', '@cmd', '-2.5', '+x']))).toBe(
      "name,size BTC\n'=1+1,0.5\n'@cmd,1.5\n-2.5,2.5\n'+x,3.5\n",
    );
  });

  it('keeps commas, quotes and ends of lines within their value', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z",\n]{0,12}$/), (text) => {
        const line = csvOf(table([text])).slice('name,size BTC\n'.length, -',0.5\n'.length);
        const read = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
        expect(read).toBe(text);
      }),
    );
  });
});
