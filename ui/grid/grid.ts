import { h } from '../dom.js';
import { csvOf, type GridSource, leastWidth, textsOf } from './column.js';
import { type GlyphPress, type Glyphs, pressOf } from './glyphs.js';
import { groundOf } from './ground.js';
import type { NumberRoom } from './number-picture.js';
import { canBePrinted } from './paper.js';
import { BLOCK_ROWS, RowBlock } from './row-block.js';
import { rowBudget } from './row-budget.js';
import type { RowStyle } from './row-style.js';

export type { Column, GridSource } from './column.js';

/** Rows above and below what is seen that are kept ready. */
const SPARE_ROWS = 4;
/** What colours, backgrounds and size of numbers come from. */
const themed = ['--panel', '--select', '--up', '--down', '--amber', '--dim', '--own', 'color', 'font'];

/** A table of which only what is seen exists, moved through by keyboard. */
export class Grid {
  readonly element: HTMLElement;
  private readonly source: GridSource;
  private readonly head: HTMLElement;
  private readonly space: HTMLElement;
  /** Of rows that exist, by their place among as many: a block that scrolls away comes back at the other end. */
  private readonly blocks: RowBlock[] = [];
  /** How rows are drawn, and what that was made from: size, font and theme. */
  private style: RowStyle | undefined;
  private styledFor = '';
  private isMeasured = false;
  /** Rows that are drawn: from the first to before the end. */
  private first = 0;
  private end = 0;
  /** Row with which the next drawing begins, where the last one had no time for all. */
  private next = 0;
  /** Rows that may be older than what they show. */
  private left = 0;
  private row = 0;
  private column = 0;
  /** Room of the scroller, measured when it changes: asking in every frame would lay the page out again. */
  private room = 0;
  private scrolled = 0;
  private total = -1;
  /** Whether somebody reads it by keyboard, or marks what it shows. */
  private isFocused = false;

  constructor(source: GridSource, label: string) {
    this.source = source;
    this.head = h(
      'div',
      'grid-head',
      source.columns.map(({ title, unit, words }) =>
        h('div', words ? 'cell words' : 'cell', unit === undefined ? [title] : [`${title} `, h('small', '', [unit])], {
          role: 'columnheader',
        }),
      ),
      { role: 'row' },
    );
    this.space = h('div', 'grid-space', [], { role: 'presentation' });
    this.element = h(
      'div',
      'grid',
      [
        h('div', 'grid-head-group', [this.head], { role: 'rowgroup' }),
        h('div', 'grid-rows', [this.space], { role: 'rowgroup' }),
      ],
      { role: 'grid', tabindex: '0', 'aria-label': label },
    );
    canBePrinted(this.element, source);
    new ResizeObserver(() => {
      // One that was hidden has no places for its numbers until it is shown.
      if (this.room > 0 || this.element.clientHeight === 0) return;
      this.resized();
      this.draw();
    }).observe(this.element);
    const widths = source.columns.map(leastWidth);
    const template = widths.map((width) => `minmax(${width}ch, ${width}fr)`).join(' ');
    const least = widths.reduce((sum, width) => sum + width + 1, 0);
    this.element.style.setProperty('--columns', template);
    this.element.style.setProperty('--least', `${least}ch`);
    this.element.addEventListener(
      'scroll',
      () => {
        this.scrolled = this.element.scrollTop;
        this.draw();
      },
      { passive: true },
    );
    for (const kind of ['focus', 'blur'] as const)
      this.element.addEventListener(kind, () => {
        this.isFocused = kind === 'focus';
        this.draw();
      });
    this.element.addEventListener('click', (event) => this.pick(event));
    this.element.addEventListener('dblclick', () => source.enter?.(this.row));
    this.element.addEventListener('copy', (event) => {
      // What is marked is copied as everywhere; without a mark it is the selected row.
      if (getSelection()?.isCollapsed === false) return;
      event.clipboardData?.setData('text/plain', textsOf(source, this.row).join('\t'));
      event.preventDefault();
    });
  }

  get selected(): number {
    return this.row;
  }

  resized(): void {
    this.isMeasured = false;
  }

  draw(): void {
    const { source } = this;
    source.prepare?.();
    const total = source.rows();
    const { height } = this.measured();
    if (this.room === 0) return;
    if (total !== this.total) {
      this.total = total;
      this.space.style.height = `${total * height}px`;
      this.element.setAttribute('aria-rowcount', String(total + 1));
    }
    const first = Math.max(0, Math.floor(this.scrolled / height) - SPARE_ROWS);
    const end = Math.max(first, Math.min(total, first + Math.ceil(this.room / height) + 2 * SPARE_ROWS));
    // What comes into sight does not wait.
    const isMoved = first !== this.first || end !== this.end;
    this.first = Math.min(first, end);
    this.end = end;
    if (isMoved) this.arrange();
    this.drawRows(isMoved);
    const now = performance.now();
    for (const block of this.blocks) block.flush(now);
  }

  /** Moves the selection so that it is seen. */
  select(row: number, column = this.column): void {
    const { height } = this.measured();
    this.row = Math.max(0, Math.min(this.source.rows() - 1, row));
    this.column = Math.max(0, Math.min(this.source.columns.length - 1, column));
    const top = this.row * height;
    const { element } = this;
    const header = 2 * height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + this.room - header) element.scrollTop = top - this.room + header;
    this.scrolled = element.scrollTop;
    this.draw();
    const cell = this.isDrawn(this.row)
      ? this.blockOf(this.row).rows[this.row % BLOCK_ROWS]!.cells[this.column]
      : undefined;
    if (cell === undefined) return;
    element.setAttribute('aria-activedescendant', cell.id);
    const [at, seen] = [cell.getBoundingClientRect(), element.getBoundingClientRect()];
    if (at.left < seen.left) element.scrollLeft -= seen.left - at.left;
    else if (at.right > seen.right) element.scrollLeft += at.right - seen.right;
  }

  /** Selects a row and brings it into the middle, with the column that stands there. */
  centre(row: number): void {
    this.element.scrollLeft = (this.element.scrollWidth - this.element.clientWidth) / 2;
    this.element.scrollTop = (row + 1.5) * this.measured().height - this.room / 2;
    this.scrolled = this.element.scrollTop;
    this.row = row;
    this.draw();
  }

  key({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (altKey || metaKey || ctrlKey) return false;
    const page = Math.max(1, Math.floor(this.room / this.measured().height) - 2);
    if (key === 'ArrowDown' || key === 'j') this.select(this.row + 1);
    else if (key === 'ArrowUp' || key === 'k') this.select(this.row - 1);
    else if (key === 'ArrowRight' || key === 'l') this.select(this.row, this.column + 1);
    else if (key === 'ArrowLeft' || key === 'h') this.select(this.row, this.column - 1);
    else if (key === 'PageDown') this.select(this.row + page);
    else if (key === 'PageUp') this.select(this.row - page);
    else if (key === 'Home') this.select(0);
    else if (key === 'End') this.select(this.source.rows() - 1);
    else if (key === 'Enter' && this.source.enter !== undefined) this.source.enter(this.row);
    else if (key === 'y') void navigator.clipboard?.writeText(textsOf(this.source, this.row).join('\t'));
    else return false;
    return true;
  }

  csv(): string {
    return csvOf(this.source);
  }

  private isDrawn(row: number): boolean {
    return row >= this.first && row < this.end;
  }

  private blockOf(row: number): RowBlock {
    return this.blocks[Math.floor(row / BLOCK_ROWS) % this.blocks.length]!;
  }

  /** Has a block for every row that is drawn, each where it belongs. */
  private arrange(): void {
    const { blocks, end, source } = this;
    const firstBlock = Math.floor(this.first / BLOCK_ROWS);
    const wanted = Math.ceil(end / BLOCK_ROWS) - firstBlock;
    if (wanted > blocks.length) {
      // Another number of them: each has another place.
      for (const { element } of blocks) element.remove();
      blocks.length = 0;
      while (blocks.length < wanted) blocks.push(new RowBlock(source, this.measured()));
      this.space.append(...blocks.map(({ element }) => element));
    }
    for (let at = firstBlock; at < firstBlock + blocks.length; at++) {
      const block = this.blockOf(at * BLOCK_ROWS);
      block.moveTo(at * BLOCK_ROWS);
      block.cut(this.end);
    }
  }

  /** Each row that may have changed, from where the last drawing had to stop. */
  private drawRows(isMoved: boolean): void {
    const { first, end } = this;
    if (isMoved || rowBudget.hasNews) this.left = end - first;
    let row = this.isDrawn(this.next) ? this.next : first;
    while (this.left > 0) {
      const isSelected = row === this.row;
      const block = this.blockOf(row);
      block.draw(row, isSelected ? this.column : -1, isSelected && this.isFocused);
      this.left--;
      const isLast = row + 1 === end;
      row = isLast ? first : row + 1;
      if (isMoved || (!isLast && row % BLOCK_ROWS !== 0)) continue;
      // Whole blocks: each that is touched is shown anew, whatever the number of its rows.
      if (block.flush(performance.now())) rowBudget.handedOver();
      // Never the last rows and the first in one frame: the browser puts together anew all that lies between what has changed.
      if (this.left === 0 || !(isLast ? rowBudget.isTimed() : rowBudget.isSpent())) continue;
      rowBudget.runShort();
      this.next = row;
      return;
    }
    this.next = first;
  }

  /** What size and theme make of the rows. */
  private measured(): RowStyle {
    if (this.style !== undefined && this.isMeasured) return this.style;
    const { element } = this;
    const computed = getComputedStyle(element);
    this.isMeasured = true;
    this.room = element.clientHeight;
    this.total = -1;
    const theme = themed.map((name) => computed.getPropertyValue(name));
    const styledFor = [element.clientWidth, devicePixelRatio, ...theme].join();
    if (this.style === undefined || styledFor !== this.styledFor) {
      this.styledFor = styledFor;
      this.style = this.newStyle(computed, devicePixelRatio);
    }
    return this.style;
  }

  /** For rows that are all made anew. @param scale pixels of the screen to one of the page */
  private newStyle(computed: CSSStyleDeclaration, scale: number): RowStyle {
    const { element, blocks } = this;
    for (const block of blocks) block.element.remove();
    blocks.length = 0;
    this.end = -1;
    const ems = Number.parseFloat(computed.getPropertyValue('--row')) || 1.5;
    // In whole pixels of the screen, or pictures would be blurred.
    const pixels = Math.round(ems * (Number.parseFloat(computed.fontSize) || 13) * scale);
    element.style.setProperty('--row-height', `${pixels / scale}px`);
    const press = pressOf(computed, pixels, scale);
    element.style.setProperty('--glyph', `${press.width / scale}px`);
    const room = press.isTrue ? this.roomOfNumbers(press) : undefined;
    element.classList.toggle('pictured', room !== undefined);
    const colours = new Map<string, Glyphs>();
    const glyphsOf = (rowTone: string, tone: string): Glyphs => {
      const key = `${rowTone}/${tone}`;
      let glyphs = colours.get(key);
      if (glyphs === undefined) {
        glyphs = this.glyphsOf(press, rowTone, tone);
        colours.set(key, glyphs);
      }
      return glyphs;
    };
    return { height: pixels / scale, press, room, glyphsOf };
  }

  /** Where the head has its columns of numbers; undefined where it has none, or is hidden. */
  private roomOfNumbers({ width, scale }: GlyphPress): NumberRoom | undefined {
    const places = this.source.columns.flatMap(({ words }, column) => {
      const { offsetLeft, offsetWidth } = this.head.children[column] as HTMLElement;
      return words
        ? []
        : [{ left: Math.round(offsetLeft * scale), right: Math.round((offsetLeft + offsetWidth) * scale) }];
    });
    const [leftmost, rightmost] = [places[0], places.at(-1)];
    if (leftmost === undefined || rightmost === undefined || rightmost.right === 0) return undefined;
    // A character is up to half a pixel wider than in text: the last one may reach into the gap before its column.
    const start = Math.min(leftmost.left, leftmost.right - Math.ceil((leftmost.right - leftmost.left) / width) * width);
    const columns = places.map(({ left, right }) => ({
      right: right - start,
      characters: Math.ceil((right - left) / width),
    }));
    return { left: start, width: rightmost.right - start, columns };
  }

  /** Asked of the style sheet, in a row of its own. */
  private glyphsOf(press: GlyphPress, rowTone: string, tone: string): Glyphs {
    const cell = h('div', `cell ${tone}`);
    const row = h('div', `grid-row ${rowTone}`, [cell]);
    this.space.append(row);
    const glyphs = press.of(getComputedStyle(cell).color, groundOf(row, press.scale));
    row.remove();
    return glyphs;
  }

  private pick(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('.grid-row .cell');
    if (cell === null) return;
    for (let row = this.first; row < this.end; row++) {
      const column = this.blockOf(row).rows[row % BLOCK_ROWS]!.cells.indexOf(cell);
      if (column >= 0) this.select(row, column);
    }
  }
}
