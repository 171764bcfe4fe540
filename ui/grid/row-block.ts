import { h } from '../dom.js';
import type { GridSource } from './column.js';
import { GridRow } from './grid-row.js';
import { NumberPicture } from './number-picture.js';
import type { RowStyle } from './row-style.js';

/** Rows of a block. A picture a row would be as many layers for the browser to put together; one for all would be copied whole with each change. */
export const BLOCK_ROWS = 16;

let nextRow = 0;

/** Rows that follow each other, with one picture for their numbers. */
export class RowBlock {
  readonly element: HTMLElement;
  readonly rows: readonly GridRow[];
  private readonly picture: NumberPicture | undefined;
  private readonly height: number;
  private first = -1;
  /** Rows that it has room for. */
  private room = 0;

  constructor(source: GridSource, style: RowStyle) {
    const picture =
      style.room === undefined
        ? undefined
        : new NumberPicture(style.press, style.room, BLOCK_ROWS, style.glyphsOf('', ''));
    this.picture = picture;
    this.height = style.height;
    this.rows = Array.from(
      { length: BLOCK_ROWS },
      (_, line) => new GridRow(source, style, picture, line, `c${nextRow++}`),
    );
    this.element = h('div', 'grid-block', picture === undefined ? [] : [picture.canvas], { role: 'presentation' });
  }

  /** Takes the place of the block that begins with this row. */
  moveTo(first: number): void {
    if (first === this.first) return;
    this.first = first;
    this.element.style.transform = `translateY(${first * this.height}px)`;
  }

  /** @param cursor column of the cursor, where it stands in this row; otherwise -1 @param isRead whether numbers have to be text */
  draw(row: number, cursor: number, isRead: boolean): void {
    const drawn = this.rows[row - this.first]!;
    drawn.draw(row, cursor, isRead);
    if (!drawn.element.isConnected) this.element.append(drawn.element);
  }

  /** Takes away the rows from one on, which are no more, and their room: a table is not scrolled beyond its end. */
  cut(end: number): void {
    const room = Math.max(0, Math.min(BLOCK_ROWS, end - this.first));
    for (let line = room; line < BLOCK_ROWS; line++) this.rows[line]!.leave();
    if (room === this.room) return;
    this.room = room;
    const { style } = this.element;
    style.height = `${room * this.height}px`;
    // A clip is a part of its own for the browser to put together: only where something is cut off.
    style.overflow = room < BLOCK_ROWS ? 'clip' : '';
  }

  /** @param now milliseconds of performance.now() @returns whether its picture was handed to the screen */
  flush(now: number): boolean {
    return this.picture?.flush(now) === true;
  }
}
