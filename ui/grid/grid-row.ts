import { h } from '../dom.js';
import type { GridSource } from './column.js';
import { labelSoon } from './labels.js';
import type { NumberPicture } from './number-picture.js';
import type { RowStyle } from './row-style.js';

/** Up to here every character is as wide as a digit in the page's font: ASCII. */
const LAST_NARROW = 0x7e;

/**
 * One row that exists. Words are text. Numbers, which change all the time, are drawn in a picture and have a label for those who cannot see it; those of the
 * selected row are text while the table has the focus, which can be marked, copied and read out. What has not changed is not touched.
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
  /** The label and the class that each cell has. */
  private readonly labels: string[];
  private readonly dresses: string[];
  /** The class of each cell that never changes. */
  private readonly kinds: readonly string[];
  private tone = '';
  /** Classes of the row that its line in the picture has the background of. */
  private ground = '';
  private row = -1;
  private isText: boolean;

  constructor(source: GridSource, style: RowStyle, picture: NumberPicture | undefined, line: number, id: string) {
    this.source = source;
    this.style = style;
    this.picture = picture;
    this.line = line;
    this.isText = picture === undefined;
    const first = source.columns.findIndex(({ words }) => !words);
    const last = source.columns.findLastIndex(({ words }) => !words);
    this.kinds = source.columns.map(({ words }, column) => {
      if (!words) return 'cell';
      // Words between numbers stand above the picture.
      return picture !== undefined && column > first && column < last ? 'cell words over' : 'cell words';
    });
    this.cells = this.kinds.map((kind, column) => h('div', kind, [], { role: 'gridcell', id: `${id}-${column}` }));
    this.nodes = this.cells.map((cell) => {
      const node = document.createTextNode('');
      cell.append(node);
      return node;
    });
    this.element = h('div', 'grid-row', this.cells, { role: 'row' });
    this.element.style.top = `${line * style.height}px`;
    this.texts = this.cells.map(() => '');
    this.tones = [...this.texts];
    this.labels = [...this.texts];
    this.dresses = [...this.texts];
  }

  /** @param cursor column of the cursor, where it stands in this row; otherwise -1 @param isRead whether numbers have to be text */
  draw(row: number, cursor: number, isRead: boolean): void {
    const { source, element, style, picture } = this;
    let isToLabel = false;
    if (row !== this.row) {
      this.row = row;
      element.setAttribute('aria-rowindex', String(row + 2));
    }
    const rowTone = source.rowTone?.(row) ?? '';
    const tone = `${rowTone}${cursor >= 0 ? ' selected' : ''}`;
    const isText = isRead || picture === undefined;
    const isRedrawn = this.ground !== tone || this.isText !== isText;
    if (isRedrawn) {
      this.ground = tone;
      picture?.lay(this.line, style.glyphsOf(tone, ''));
    }
    this.showAs(isText);
    if (this.tone !== tone) {
      this.tone = tone;
      element.className = `grid-row ${tone}`;
      element.setAttribute('aria-selected', String(cursor >= 0));
    }
    let numbers = 0;
    for (let at = 0; at < source.columns.length; at++) {
      const { words, width, text: textOf, tone: toneOf } = source.columns[at]!;
      const number = words ? -1 : numbers++;
      const isPictured = number >= 0 && !isText;
      const text = textOf(row);
      const cellTone = toneOf?.(row) ?? '';
      const isLong = !isPictured && !fits(text, width);
      this.dress(at, `${isPictured ? '' : cellTone}${isLong ? ' long' : ''}${at === cursor ? ' cursor' : ''}`);
      const isChanged = text !== this.texts[at];
      this.texts[at] = text;
      if (isPictured) {
        if (isChanged || isRedrawn || cellTone !== this.tones[at])
          picture!.write(this.line, number, text, style.glyphsOf(tone, cellTone));
        if (isChanged) isToLabel = true;
      } else if (isChanged) this.nodes[at]!.data = text;
      this.tones[at] = cellTone;
    }
    if (isToLabel) labelSoon(this);
  }

  /** Tells those who cannot see the picture what it shows. */
  label(): void {
    if (this.row < 0 || this.isText) return;
    for (const [at, { words }] of this.source.columns.entries()) {
      if (words || this.labels[at] === this.texts[at]) continue;
      this.labels[at] = this.texts[at]!;
      this.cells[at]!.ariaLabel = this.texts[at]!;
    }
  }

  /** Gives a cell its class: a number in the picture needs none but the cursor's. */
  private dress(at: number, tone: string): void {
    if (tone === this.dresses[at]) return;
    this.dresses[at] = tone;
    this.cells[at]!.className = `${this.kinds[at]} ${tone}`;
  }

  /** Takes it off the screen. */
  leave(): void {
    if (this.row < 0) return;
    this.row = -1;
    this.element.remove();
    this.ground = '';
    this.picture?.lay(this.line, this.style.glyphsOf('', ''));
    this.texts.fill('');
    for (const [at, node] of this.nodes.entries()) {
      node.data = '';
      this.unlabel(at);
    }
  }

  /** Numbers as text, or in the picture. */
  private showAs(text: boolean): void {
    if (text === this.isText) return;
    this.isText = text;
    for (const [at, { words }] of this.source.columns.entries()) {
      if (words) continue;
      this.nodes[at]!.data = text ? this.texts[at]! : '';
      if (text) this.unlabel(at);
    }
    if (!text) this.label();
  }

  private unlabel(at: number): void {
    if (this.labels[at] === '') return;
    this.labels[at] = '';
    this.cells[at]!.ariaLabel = null;
  }
}

/** Whether a text has room in so many characters; those of other scripts may be wider. Only what has none is clipped, since each clip is a part of the page of its own. */
function fits(text: string, characters: number): boolean {
  if (text.length > characters) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > LAST_NARROW) return false;
  return true;
}
