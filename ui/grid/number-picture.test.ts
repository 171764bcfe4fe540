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
/** Every pixel of a character tells which one it is, in what colour, and on which background, whose lower half is another one; a space has no colour. */
const glyphsOf =
  (colour: number, ground: number): Glyphs =>
  (code) =>
    new Uint32Array(press.width * press.height)
      .fill(code === 32 ? ground : code * 1000 + colour * 100 + ground)
      .fill(code === 32 ? ground + 1 : code * 1000 + colour * 100 + ground + 1, press.width);
const BLANK = 10;

const line = fc.nat(LINES - 1);
const write = fc.record({
  line,
  column: fc.nat(room.columns.length - 1),
  text: fc.stringMatching(/^[-0-9.]{0,6}$/),
  colour: fc.integer({ min: 1, max: 2 }),
});
const lay = fc.record({ line, ground: fc.constantFrom(BLANK, 20, 30) });
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
type Lay = typeof lay extends fc.Arbitrary<infer T> ? T : never;

function pictureOf(steps: readonly (Write | Lay)[], flushEach: boolean) {
  const picture = new NumberPicture(press, room, LINES, glyphsOf(0, BLANK));
  const grounds = Array<number>(LINES).fill(BLANK);
  for (const step of steps) {
    if ('ground' in step) {
      grounds[step.line] = step.ground;
      picture.lay(step.line, glyphsOf(0, step.ground));
    } else picture.write(step.line, step.column, step.text, glyphsOf(step.colour, grounds[step.line]!));
    if (flushEach) picture.flush(0);
  }
  picture.flush(0);
  return { picture, canvas: picture.canvas as unknown as FakeCanvas };
}

describe('a picture of numbers', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = fakeDocument();
  });
  afterAll(() => restore());

  it('shows after any changes what a new picture of the last backgrounds and the numbers since shows', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(write, lay), { minLength: 1, maxLength: 30 }), (steps) => {
        const laid = new Map<number, Lay>();
        const written = new Map<string, Write>();
        for (const step of steps) {
          if ('column' in step) written.set(`${step.line}/${step.column}`, step);
          else {
            laid.set(step.line, step);
            for (const column of room.columns.keys()) written.delete(`${step.line}/${column}`);
          }
        }
        const changed = pictureOf(steps, true).canvas;
        const anew = pictureOf([...laid.values(), ...written.values()], false).canvas;
        expect(changed.pixels).toEqual(anew.pixels);
      }),
    );
  });

  it('has the background of each line wherever no character stands', () => {
    const { canvas } = pictureOf([{ line: 1, ground: 20 }], false);
    const rows = Array.from({ length: canvas.height }, (_, row) => [
      ...new Set(canvas.pixels.subarray(row * canvas.width, (row + 1) * canvas.width)),
    ]);
    expect(rows).toEqual([[10], [11], [20], [21], [10], [11]]);
  });

  it('ends every number at the right edge of its column, and cuts what is longer', () => {
    const { canvas } = pictureOf([{ line: 1, column: 0, text: '12345', colour: 1 }], false);
    const row = canvas.pixels.subarray(2 * canvas.width, 3 * canvas.width);
    expect([...row.subarray(0, 6)]).toEqual(
      [...'123'].flatMap((digit) => Array(2).fill(digit.charCodeAt(0) * 1000 + 100 + BLANK)),
    );
    expect(row.subarray(6).every((pixel) => pixel === BLANK)).toBe(true);
  });

  it('puts on the screen no line that is as it was', () => {
    const { picture, canvas } = pictureOf([], false);
    const glyphs = glyphsOf(1, BLANK);
    picture.write(0, 0, '1', glyphs);
    picture.flush(0);
    canvas.put = 0;
    picture.write(0, 0, '1', glyphs);
    picture.flush(0);
    expect(canvas.put).toBe(0);
    picture.write(2, 1, '1', glyphs);
    picture.flush(0);
    expect(canvas.put).toBe(press.height);
  });

  it('is put on the screen again each second, whole, since a browser may have forgotten it', () => {
    const { picture, canvas } = pictureOf([{ line: 0, column: 0, text: '1', colour: 1 }], false);
    canvas.put = 0;
    picture.flush(999);
    expect(canvas.put).toBe(0);
    picture.flush(1000);
    expect(canvas.put).toBe(LINES * press.height);
    picture.flush(1999);
    expect(canvas.put).toBe(LINES * press.height);
  });
});
