import { h } from '../dom.js';
import type { GlyphPress, Glyphs } from './glyphs.js';

/** Where the numbers of a row stand, pixels of the screen from the row's left edge. */
export interface NumberRoom {
  left: number;
  width: number;
  /** Of each column of numbers, from `left`: its right edge, and the characters that it has room for. */
  columns: readonly { right: number; characters: number }[];
}

const SPACE = 32;
/** Time after which a picture is handed to the screen again although nothing has changed: a graphics process that is started anew has forgotten it. */
const KEPT_MS = 1000;

const pictures = new WeakMap<Element, NumberPicture>();

/** Hands the pictures of a display that stands still to the screen again where it is time. @param now milliseconds of performance.now() */
export function keepPictures(within: Element, now: number): void {
  for (const canvas of within.querySelectorAll('.numbers')) pictures.get(canvas)?.flush(now);
}

/**
 * The numbers of some rows as a picture, and the background behind them: what a browser cannot see through it need not mix with what lies below, which is
 * most of what it costs to show. Of a number that changes only the characters that differ are drawn.
 */
export class NumberPicture {
  readonly canvas = h('canvas', 'numbers', [], { 'aria-hidden': 'true' });
  private readonly press: GlyphPress;
  private readonly room: NumberRoom;
  private readonly context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
  private readonly image: ImageData;
  private readonly pixels: Uint32Array;
  /** What is shown of each number, line by line: its characters' codes from the right, and their colour. */
  private readonly shown: { codes: Uint16Array; glyphs: Glyphs | undefined }[];
  /** Lines that were written to since the last flush. */
  private from = Number.POSITIVE_INFINITY;
  private to = 0;
  /** When it was handed to the screen last. */
  private putAt = Number.NEGATIVE_INFINITY;

  /** @param blank what has the background of a line without a row */
  constructor(press: GlyphPress, room: NumberRoom, lines: number, blank: Glyphs) {
    const { canvas } = this;
    pictures.set(canvas, this);
    this.press = press;
    this.room = room;
    canvas.width = room.width;
    canvas.height = lines * press.height;
    canvas.style.left = `${room.left / press.scale}px`;
    canvas.style.width = `${canvas.width / press.scale}px`;
    canvas.style.height = `${canvas.height / press.scale}px`;
    // A canvas of its own, which the page only gives a place: it goes to the screen by itself, and only when it has changed. As a part of the page each
    // picture would be copied with each of the page's frames, and the page would wait until the compositor has taken over all of them.
    const own = 'transferControlToOffscreen' in canvas ? canvas.transferControlToOffscreen() : canvas;
    // Copied to the screen as it is: a graphics card has nothing to do here.
    this.context = own.getContext('2d', { alpha: false, willReadFrequently: true }) as typeof this.context;
    this.image = new ImageData(canvas.width, canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.shown = Array.from({ length: lines }, () =>
      room.columns.map(({ characters }) => ({ codes: new Uint16Array(characters).fill(SPACE), glyphs: undefined })),
    ).flat();
    for (let line = 0; line < lines; line++) this.lay(line, blank);
  }

  /** Gives a line a background, and takes its numbers away. @param glyphs any that have this background */
  lay(line: number, glyphs: Glyphs): void {
    const { pixels, press, room, shown } = this;
    const space = glyphs(SPACE);
    for (let down = 0, start = line * press.height * room.width; down < press.height; down++, start += room.width)
      pixels.fill(space[down * press.width]!, start, start + room.width);
    const numbers = room.columns.length;
    for (const number of shown.slice(line * numbers, (line + 1) * numbers)) {
      number.codes.fill(SPACE);
      number.glyphs = undefined;
    }
    this.touch(line);
  }

  /** @param glyphs with the background of the line @param column among those of numbers */
  write(line: number, column: number, text: string, glyphs: Glyphs): void {
    const { right, characters } = this.room.columns[column]!;
    const number = this.shown[line * this.room.columns.length + column]!;
    const isRecoloured = number.glyphs !== glyphs;
    number.glyphs = glyphs;
    // What is longer than its column loses its end, as text in a cell does.
    const last = Math.min(text.length, characters) - 1;
    for (let place = 0; place < characters; place++) {
      const code = place > last ? SPACE : text.charCodeAt(last - place);
      if (number.codes[place] === code && (!isRecoloured || code === SPACE)) continue;
      number.codes[place] = code;
      this.stamp(glyphs(code), line, right - (place + 1) * this.press.width);
    }
  }

  /** Shows what was written. @param now milliseconds of performance.now() @returns whether there was something to show */
  flush(now: number): boolean {
    const { image, press } = this;
    const isOld = now - this.putAt >= KEPT_MS;
    if (!isOld && this.to <= this.from) return false;
    this.putAt = now;
    const top = isOld ? 0 : this.from * press.height;
    const end = isOld ? image.height : this.to * press.height;
    this.context.putImageData(image, 0, 0, 0, top, image.width, end - top);
    this.from = Number.POSITIVE_INFINITY;
    this.to = 0;
    return true;
  }

  private stamp(glyph: Uint32Array, line: number, left: number): void {
    const { pixels } = this;
    const { width, height } = this.press;
    const step = this.room.width;
    let source = 0;
    for (let down = 0, start = line * height * step + left; down < height; down++, start += step)
      for (let at = start; at < start + width; at++) pixels[at] = glyph[source++]!;
    this.touch(line);
  }

  private touch(line: number): void {
    if (line < this.from) this.from = line;
    if (line >= this.to) this.to = line + 1;
  }
}
