import { h } from '../dom.js';
import type { Ground } from './ground.js';

/** Pictures of characters in one colour on one background, by their code: pixels of a row each, one row after the other. A space is the background alone. */
export type Glyphs = (code: number) => Uint32Array;

/** What numbers are made of. */
const PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 32 + at));

/**
 * Draws each character of the page's font once in each colour and on each background. Numbers are then put together by copying, which costs a
 * tenth of having each of them laid out and painted as text.
 */
export class GlyphPress {
  /** Of every character, pixels of the screen. */
  readonly width: number;
  readonly height: number;
  /** What a pixel of the screen is of one of the page. */
  readonly scale: number;
  /** Whether what was drawn can be read back as it is: some browsers mix noise into it, against those who would know them by it. */
  readonly isTrue: boolean;
  private readonly context: CanvasRenderingContext2D;
  private readonly font: string;
  private readonly baseline: number;
  private readonly byLook = new Map<string, Glyphs>();

  /** @param height of a row, pixels of the screen */
  constructor(font: string, height: number, scale: number) {
    const context = h('canvas').getContext('2d', { willReadFrequently: true })!;
    context.font = font;
    this.font = font;
    const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText('0');
    this.context = context;
    this.scale = scale;
    this.width = Math.max(1, Math.round(width));
    this.height = height;
    // As the browser itself puts text into the middle of a line: by whole pixels.
    const [ascent, descent] = [Math.round(fontBoundingBoxAscent), Math.round(fontBoundingBoxDescent)];
    this.baseline = Math.floor((height - ascent - descent) / 2) + ascent;
    this.clear(1);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 1, height);
    this.isTrue = this.pixels().every((pixel, at) => pixel === (at % this.width === 0 ? 0xffffffff : 0));
  }

  /** @param colour as CSS has it */
  of(colour: string, ground: Ground): Glyphs {
    const look = [colour, ...Object.values(ground)].join(' ');
    let glyphs = this.byLook.get(look);
    if (glyphs === undefined) {
      // What numbers are made of at once: each reading back costs more than all that is read.
      const drawn: (Uint32Array | undefined)[] = [];
      for (const [at, picture] of this.draw(PRINTABLE, colour, ground).entries())
        drawn[PRINTABLE.charCodeAt(at)] = picture;
      glyphs = (code) => {
        drawn[code] ??= this.draw(String.fromCharCode(code), colour, ground)[0]!;
        return drawn[code];
      };
      this.byLook.set(look, glyphs);
    }
    return glyphs;
  }

  /** Draws characters below each other, and reads them back. */
  private draw(characters: string, colour: string, ground: Ground): Uint32Array[] {
    const { context, width, height } = this;
    this.clear(characters.length);
    this.lay(ground, characters.length);
    context.fillStyle = colour;
    for (let at = 0; at < characters.length; at++) {
      context.save();
      context.beginPath();
      context.rect(0, at * height, width, height);
      context.clip();
      context.fillText(characters[at]!, 0, at * height + this.baseline);
      context.restore();
    }
    const pixels = this.pixels();
    const size = width * height;
    return Array.from(characters, (_, at) => pixels.subarray(at * size, (at + 1) * size));
  }

  private lay({ fills, edge, edgeHeight }: Ground, characters: number): void {
    const { context, width, height } = this;
    for (const fill of fills) {
      context.fillStyle = fill;
      context.fillRect(0, 0, width, characters * height);
    }
    context.fillStyle = edge;
    for (let at = 0; at < characters; at++) {
      context.fillRect(0, at * height, width, edgeHeight);
      context.fillRect(0, (at + 1) * height - edgeHeight, width, edgeHeight);
    }
  }

  /** A canvas of so many characters; it forgets its font with its size. */
  private clear(characters: number): void {
    const { context } = this;
    context.canvas.width = this.width;
    context.canvas.height = characters * this.height;
    context.font = this.font;
  }

  private pixels(): Uint32Array {
    const { width, height } = this.context.canvas;
    return new Uint32Array(this.context.getImageData(0, 0, width, height).data.buffer);
  }
}

const presses = new Map<string, GlyphPress>();

/** The press of a font, a height of rows and a scale: all tables have it in common. @param height pixels of the screen */
export function pressOf(style: CSSStyleDeclaration, height: number, scale: number): GlyphPress {
  const font = `${Number.parseFloat(style.fontSize) * scale}px ${style.fontFamily}`;
  const key = `${font} ${height} ${scale}`;
  let press = presses.get(key);
  if (press === undefined) {
    press = new GlyphPress(font, height, scale);
    presses.set(key, press);
  }
  return press;
}
