import { h } from '../dom.js';

/** Pictures of characters in one colour, by their code: pixels of a row each, one row after the other. */
export type Glyphs = (code: number) => Uint32Array;

/**
 * Draws each character of the page's font once in each colour. Numbers are then put together by copying, which costs a
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
  private readonly baseline: number;
  private readonly byColour = new Map<string, Glyphs>();

  /** @param height of a row, pixels of the screen */
  constructor({ fontFamily, fontSize }: CSSStyleDeclaration, height: number, scale: number) {
    const context = h('canvas').getContext('2d', { willReadFrequently: true })!;
    const font = `${Number.parseFloat(fontSize) * scale}px ${fontFamily}`;
    context.font = font;
    const { width, fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText('0');
    this.context = context;
    this.scale = scale;
    this.width = Math.max(1, Math.round(width));
    this.height = height;
    this.baseline = Math.round((height - fontBoundingBoxAscent - fontBoundingBoxDescent) / 2 + fontBoundingBoxAscent);
    context.canvas.width = this.width;
    context.canvas.height = height;
    // A canvas forgets its font with its size.
    context.font = font;
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 1, height);
    this.isTrue = this.pixels().every((pixel, at) => pixel === (at % this.width === 0 ? 0xffffffff : 0));
  }

  /** @param colour as CSS has it */
  of(colour: string): Glyphs {
    let glyphs = this.byColour.get(colour);
    if (glyphs === undefined) {
      const drawn: (Uint32Array | undefined)[] = [];
      glyphs = (code) => {
        drawn[code] ??= this.draw(code, colour);
        return drawn[code];
      };
      this.byColour.set(colour, glyphs);
    }
    return glyphs;
  }

  private draw(code: number, colour: string): Uint32Array {
    const { context, width, height } = this;
    context.clearRect(0, 0, width, height);
    context.fillStyle = colour;
    context.fillText(String.fromCharCode(code), 0, this.baseline);
    return this.pixels();
  }

  private pixels(): Uint32Array {
    return new Uint32Array(this.context.getImageData(0, 0, this.width, this.height).data.buffer);
  }
}
