import type { GlyphPress, Glyphs } from './glyphs.js';
import type { NumberRoom } from './number-picture.js';

/** How the rows of a grid are drawn at its present size and in its present theme. */
export interface RowStyle {
  /** Pixels of the page. */
  height: number;
  press: GlyphPress;
  /** Absent where no column has numbers, or this browser gives no true pictures: then every number is text. */
  room: NumberRoom | undefined;
  /** @param rowTone classes of the row: they decide on the background @param tone class of the cell */
  glyphsOf(rowTone: string, tone: string): Glyphs;
}
