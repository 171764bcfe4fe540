import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeCanvas, fakeDocument } from '../testing/fake-dom.js';
import type { GlyphPress, Glyphs } from './glyphs.js';
import { NumberPicture, type NumberRoom } from './number-picture.js';

const LINES = 3;
const press = { width: 2, height: 2, scale: 1 } as GlyphPress;
const room: NumberRoom = {
  left: 0,
  width: 16,
  columns: [
    { right: 6, characters: 3 },
    { right: 16, characters: 4 },
  ],
};
/** Every pixel of a character tells which one it is, and in what colour; a space is empty. */
const inColour =
  (colour: number): Glyphs =>
  (code) =>
    new Uint32Array(press.width * press.height).fill(code === 32 ? 0 : code * 1000 + colour);
const colours = [inColour(1), inColour(2)];

const write = fc.record({
  line: fc.nat(LINES - 1),
  column: fc.nat(room.columns.length - 1),
  text: fc.stringMatching(/^[-0-9.]{0,6}$/),
  colour: fc.nat(colours.length - 1),
});
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;

function pictureOf(writes: readonly Write[], flushEach: boolean) {
  const picture = new NumberPicture(press, room, LINES);
  for (const { line, column, text, colour } of writes) {
    picture.write(line, column, text, colours[colour]!);
    if (flushEach) picture.flush(0);
  }
  picture.flush(0);
  return { picture, canvas: picture.canvas as unknown as FakeCanvas };
}

/** A canvas to which nothing was put is empty. */
const shown = ({ pixels, width, height }: FakeCanvas) =>
  pixels.length === 0 ? new Uint32Array(width * height) : pixels;

describe('a picture of numbers', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = fakeDocument();
  });
  afterAll(() => restore());

  it('shows after any changes what a new picture of the last numbers shows', () => {
    fc.assert(
      fc.property(fc.array(write, { minLength: 1, maxLength: 30 }), (writes) => {
        const last = new Map(writes.map((one) => [`${one.line}/${one.column}`, one]));
        const changed = pictureOf(writes, true).canvas;
        const anew = pictureOf([...last.values()], false).canvas;
        expect(shown(changed)).toEqual(shown(anew));
      }),
    );
  });

  it('ends every number at the right edge of its column, and cuts what is longer', () => {
    const { canvas } = pictureOf([{ line: 1, column: 0, text: '12345', colour: 0 }], false);
    const row = canvas.pixels.subarray(2 * canvas.width, 3 * canvas.width);
    expect([...row.subarray(0, 6)]).toEqual(
      [...'123'].flatMap((digit) => Array(2).fill(digit.charCodeAt(0) * 1000 + 1)),
    );
    expect(row.subarray(6).every((pixel) => pixel === 0)).toBe(true);
  });

  it('puts on the screen no line that is as it was', () => {
    const { picture, canvas } = pictureOf([{ line: 0, column: 0, text: '1', colour: 0 }], false);
    canvas.put = 0;
    picture.write(0, 0, '1', colours[0]!);
    picture.flush(0);
    expect(canvas.put).toBe(0);
    picture.write(2, 1, '1', colours[0]!);
    picture.flush(0);
    expect(canvas.put).toBe(press.height);
  });

  it('is put on the screen again each second, whole, since a browser may have forgotten it', () => {
    const { picture, canvas } = pictureOf([{ line: 0, column: 0, text: '1', colour: 0 }], false);
    canvas.put = 0;
    picture.flush(999);
    expect(canvas.put).toBe(0);
    picture.flush(1000);
    expect(canvas.put).toBe(LINES * press.height);
    picture.flush(1999);
    expect(canvas.put).toBe(LINES * press.height);
  });
});
