import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameMemory } from './frame-memory.js';
import { NameTable } from './name-table.js';

const memory = new FrameMemory(4096);

function find(table: NameTable, text: string): { value: number; end: number } {
  memory.bytes.fill(0x7a);
  memory.load(Buffer.from(`"${text}" and more`));
  return { value: table.find(memory, 1), end: table.end };
}

const name = fc.string({ unit: fc.constantFrom(...'ABCdef-_.@0123456789'), minLength: 1, maxLength: 40 });

test('names in bytes are found as a map finds them as strings, whatever stands behind them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 150 }), name, (names, other) => {
      const table = new NameTable();
      const map = new Map(names.map((text, index) => [text, index]));
      for (const [text, index] of map) table.set(text, index);
      for (const text of [...names, other]) {
        expect(find(table, text)).toEqual({ value: map.get(text) ?? -1, end: text.length + 2 });
        expect(table.get(text)).toBe(map.get(text) ?? -1);
      }
    }),
  );
});

test('a name that was removed or set anew is found so', () => {
  const table = new NameTable();
  table.set('BTC-PERPETUAL', 1);
  table.set('ETH-PERPETUAL', 2);
  table.set('BTC-PERPETUAL', 3);
  table.delete('ETH-PERPETUAL');
  expect([find(table, 'BTC-PERPETUAL').value, find(table, 'ETH-PERPETUAL').value, table.size]).toEqual([3, -1, 1]);
});

test('a name that never ends is not found', () => {
  memory.bytes.fill(0x41);
  expect([new NameTable().find(memory, 1), memory.capacity]).toEqual([-1, 4096]);
});

test.each(['', 'a"b', 'a\\b', 'ä', 'a\n'])('%j cannot be a name', (text) => {
  expect(() => new NameTable().set(text, 1)).toThrow('a name must be printable ASCII');
});
