import { h } from '../dom.js';
import type { GridSource } from './column.js';
import type { NumberPicture } from './number-picture.js';
import type { RowStyle } from './row-style.js';

/**
 * One row that exists. Words are text. Numbers, which change all the time, are drawn in a picture and have a label for those who cannot see it; those of the
 * selected row are text, which can be marked, copied and read out. What has not changed is not touched.
 */
export class GridRow {
  readonly element: HTMLElement;
  readonly cells: readonly HTMLElement[];
  private readonly source: GridSource;
  private readonly style: RowStyle;
  private readonly picture: NumberPicture | undefined;
  /** Its line in the picture. */
  private readonly line: number;
  /** The text of each cell: a node that is written anew costs less than a new one. */
  private readonly nodes: readonly Text[];
  private readonly texts: string[];
  private readonly tones: string[];
  private tone = '';
  private row = -1;
  private isText: boolean;

  constructor(source: GridSource, style: RowStyle, picture: NumberPicture | undefined, line: number, id: string) {
    this.source = source;
    this.style = style;
    this.picture = picture;
    this.line = line;
    this.isText = picture === undefined;
    this.cells = source.columns.map(({ words }, column) =>
      h('div', words ? 'cell words' : 'cell', [], { role: 'gridcell', id: `${id}-${column}` }),
    );
    this.nodes = this.cells.map((cell) => {
      const node = document.createTextNode('');
      cell.append(node);
      return node;
    });
    this.element = h('div', 'grid-row', this.cells, { role: 'row' });
    this.element.style.top = `${line * style.height}px`;
    this.texts = this.cells.map(() => '');
    this.tones = [...this.texts];
  }

  /** @param cursor column of the cursor, where it stands in this row; otherwise -1 */
  draw(row: number, cursor: number): void {
    const { source, element, style } = this;
    if (row !== this.row) {
      this.row = row;
      element.setAttribute('aria-rowindex', String(row + 2));
    }
    const rowTone = source.rowTone?.(row) ?? '';
    const tone = `${rowTone}${cursor >= 0 ? ' selected' : ''}`;
    const isRetoned = this.tone !== tone;
    if (isRetoned) {
      this.tone = tone;
      element.className = `grid-row ${tone}`;
      element.setAttribute('aria-selected', String(cursor >= 0));
      if (this.picture !== undefined) this.showAs(cursor >= 0);
    }
    let numbers = 0;
    for (let at = 0; at < source.columns.length; at++) {
      const { words, text: textOf, tone: toneOf } = source.columns[at]!;
      const number = words ? -1 : numbers++;
      const text = textOf(row);
      const cellTone = toneOf?.(row) ?? '';
      const shownTone = at === cursor ? `${cellTone} cursor` : cellTone;
      const isCellRetoned = shownTone !== this.tones[at];
      if (isCellRetoned) {
        this.tones[at] = shownTone;
        this.cells[at]!.className = `cell ${words ? 'words ' : ''}${shownTone}`;
      }
      const isChanged = text !== this.texts[at];
      if (isChanged) {
        this.texts[at] = text;
        if (words || this.isText) this.nodes[at]!.data = text;
        else this.cells[at]!.ariaLabel = text;
      }
      if (number >= 0 && !this.isText && (isChanged || isCellRetoned || isRetoned))
        this.picture!.write(this.line, number, text, style.glyphsOf(rowTone, cellTone));
    }
  }

  /** Takes it off the screen. */
  leave(): void {
    if (this.row < 0) return;
    this.row = -1;
    this.element.remove();
    if (!this.isText) this.blank();
    this.texts.fill('');
    for (const [at, node] of this.nodes.entries()) {
      node.data = '';
      this.cells[at]!.ariaLabel = null;
    }
  }

  /** Takes its numbers out of the picture. */
  private blank(): void {
    const { picture, line, style } = this;
    const numbers = this.source.columns.filter(({ words }) => !words).length;
    for (let number = 0; number < numbers; number++) picture?.write(line, number, '', style.glyphsOf('', ''));
  }

  /** Numbers as text, or in the picture. */
  private showAs(text: boolean): void {
    if (text === this.isText) return;
    this.isText = text;
    if (text) this.blank();
    for (const [at, { words }] of this.source.columns.entries()) {
      if (words) continue;
      this.nodes[at]!.data = text ? this.texts[at]! : '';
      this.cells[at]!.ariaLabel = text ? null : this.texts[at]!;
    }
  }
}
