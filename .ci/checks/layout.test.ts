import { describe, expect, it } from 'vitest';
import { inspect } from './layout.mjs';

const found = (text: string): string[] =>
  inspect([{ path: 'schemas/x.fbs', text }]).map(({ line, message }) => `${line}: ${message}`);

describe('a struct', () => {
  it('that fills its bytes with documented fields is fine', () => {
    const schema = `
      enum Side: uint16 { Bid = 0, Ask = 1 }
      struct Level { price: float64; // venue's unit
        size: float64; // contracts
      }
      struct Quote {
        level: Level;    // the best price and its size
        instrument: int; // small id of the instrument
        side: Side;      // which side it is on
        spare: ushort;   // zero: keeps the next field in its place
      }`;
    expect(found(schema)).toEqual([]);
  });

  it('may not have padding between its fields', () => {
    expect(found('struct A {\n  id: uint32; // which\n  price: double; // in coin\n}')).toEqual([
      '3: A.price stands at byte 4: 4 bytes of implicit padding come before it',
    ]);
  });

  it('may not have padding after its fields', () => {
    expect(found('struct A {\n  price: double; // in coin\n  id: uint32; // which\n}')).toEqual([
      '1: A ends at byte 12: 4 bytes of implicit padding follow it',
    ]);
  });

  it('inherits the alignment of the structs and enums in it', () => {
    const schema = [
      'enum Kind: uint32 { A = 0 }',
      'struct In {',
      '  x: double; // price',
      '}',
      'struct Out {',
      '  kind: Kind; // what',
      '  in: In; // where',
      '}',
    ];
    expect(found(schema.join('\n'))).toEqual([
      '7: Out.in stands at byte 4: 4 bytes of implicit padding come before it',
    ]);
  });

  it('may not hold a type that is not declared before it', () => {
    expect(found('struct A {\n  name: string; // name\n}')).toEqual([
      "2: A.name: 'string' is not a type of fixed size that is declared before",
    ]);
  });
});

describe('a field', () => {
  it('says its unit and meaning on its line, in tables too', () => {
    expect(found('table T {\n  name: string (required);\n  levels: [Level]; // best first\n}')).toEqual([
      '2: T.name says neither unit nor meaning: add a comment on its line',
    ]);
  });

  it('stands on a line of its own', () => {
    expect(found('struct A {\n  a: int; b: int; // two\n}')).toEqual([
      '2: cannot read this field: write one field a line, as in "price: float64; // venue\'s unit"',
    ]);
  });
});
