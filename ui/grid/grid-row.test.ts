import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeElement, fakeDocument } from '../testing/fake-dom.js';
import type { GridSource } from './column.js';
import { GridRow } from './grid-row.js';
import type { NumberPicture } from './number-picture.js';
import type { RowStyle } from './row-style.js';

const LINE = 5;
const style = { height: 20, glyphsOf: (row: string, cell: string) => `${row}/${cell}` } as unknown as RowStyle;

/** A table of three rows with a word and two numbers each, and a picture that remembers what was written. */
function desk(isPictured = true) {
  const values = [0, 1, 2].map((row) => ({ name: `row ${row}`, bid: row, ask: row + 1 }));
  const source: GridSource = {
    columns: [
      { title: 'name', width: 8, words: true, text: (row) => values[row]!.name },
      {
        title: 'bid',
        width: 8,
        text: (row) => `${values[row]!.bid}`,
        tone: (row) => (values[row]!.bid < 0 ? 'down' : 'up'),
      },
      { title: 'ask', width: 8, text: (row) => `${values[row]!.ask}` },
    ],
    rows: () => values.length,
    rowTone: (row) => (row === 1 ? 'own' : ''),
  };
  const pictured = ['', ''];
  const colours = ['', ''];
  const laid: string[] = [];
  const picture = {
    lay(line: number, glyphs: unknown) {
      expect(line).toBe(LINE);
      laid.push(String(glyphs));
      pictured.fill('');
    },
    write(line: number, column: number, text: string, glyphs: unknown) {
      expect(line).toBe(LINE);
      pictured[column] = text;
      colours[column] = String(glyphs);
    },
  } as unknown as NumberPicture;
  const row = new GridRow(source, style, isPictured ? picture : undefined, LINE, 'c');
  const cells = row.cells as unknown as FakeElement[];
  const texts = () => cells.map(({ markup }) => markup.replace(/<[^>]+>/g, ''));
  return { values, row, cells, texts, pictured, colours, laid };
}

const step = fc.record({
  row: fc.nat(2),
  bid: fc.integer({ min: -3, max: 3 }),
  ask: fc.integer({ min: -3, max: 3 }),
  cursor: fc.integer({ min: -1, max: 2 }),
  isRead: fc.boolean(),
  isLeft: fc.boolean(),
});

describe('a row of a table', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = fakeDocument();
  });
  afterAll(() => restore());

  it('has each number in one place, and says all of them, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const { values, row, cells, texts, pictured, colours, laid } = desk();
        for (const { row: at, bid, ask, cursor, isRead, isLeft } of steps) {
          Object.assign(values[at]!, { bid, ask });
          row.draw(at, cursor, isRead);
          row.label();
          const numbers = [String(bid), String(ask)];
          expect(texts()).toEqual([`row ${at}`, ...(isRead ? numbers : ['', ''])]);
          expect(pictured).toEqual(isRead ? ['', ''] : numbers);
          expect(cells.map(({ ariaLabel }) => ariaLabel)).toEqual([null, ...(isRead ? [null, null] : numbers)]);
          const tone = `${at === 1 ? 'own' : ''}${cursor >= 0 ? ' selected' : ''}`;
          expect(laid.at(-1) ?? '/').toBe(`${tone}/`);
          if (!isRead) expect(colours).toEqual([`${tone}/${bid < 0 ? 'down' : 'up'}`, `${tone}/`]);
          expect(cells.map(({ className }) => className.endsWith(' cursor'))).toEqual(
            [0, 1, 2].map((one) => one === cursor),
          );
          if (!isLeft) continue;
          row.leave();
          expect(laid.at(-1)).toBe('/');
          expect([...texts(), ...pictured, ...cells.map(({ ariaLabel }) => ariaLabel ?? '')].join('')).toBe('');
        }
      }),
    );
  });

  it('has its numbers as text where no picture can be had', () => {
    const { row, texts, cells } = desk(false);
    row.draw(1, -1, false);
    expect(texts()).toEqual(['row 1', '1', '2']);
    expect(cells[1]!.className).toBe('cell up');
  });
});
