import { h } from '../dom.js';

/** A column of a grid. What it shows comes from a row's number by `text`. */
export interface Column {
  title: string;
  /** Unit, shown in the header. */
  unit?: string;
  /** Width in characters. */
  width: number;
  /** Text, left-aligned. */
  words?: true;
  text(row: number): string;
  /** A class of the cell, such as 'up'. */
  tone?(row: number): string;
}

export interface GridSource {
  columns: readonly Column[];
  rows(): number;
  /** Called once before rows are drawn. */
  prepare?(): void;
  /** What Enter does on a row. */
  enter?(row: number): void;
  /** Class of a whole row. */
  rowTone?(row: number): string;
}

/** Rows above and below what is seen that are kept ready. */
const SPARE_ROWS = 4;

interface DrawnRow {
  element: HTMLElement;
  cells: HTMLElement[];
  /** The text of each cell: a node that is written anew costs less than a new one. */
  nodes: Text[];
  texts: string[];
  tones: string[];
  tone: string;
}

/** A table of which only what is seen exists, moved through by keyboard. What has not changed is not touched. */
export class Grid {
  readonly element: HTMLElement;
  private readonly source: GridSource;
  private readonly scroller: HTMLElement;
  private readonly space: HTMLElement;
  private readonly drawn: DrawnRow[] = [];
  private first = 0;
  private row = 0;
  private column = 0;
  private rowHeight = 0;
  /** Room of the scroller, measured when it changes: asking in every frame would lay the page out again. */
  private room = 0;
  private scrolled = 0;
  private total = -1;

  constructor(source: GridSource, label: string) {
    this.source = source;
    const head = h(
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
    this.scroller = h('div', 'grid-rows', [this.space], { role: 'rowgroup' });
    this.element = h('div', 'grid', [h('div', 'grid-head-group', [head], { role: 'rowgroup' }), this.scroller], {
      role: 'grid',
      tabindex: '0',
      'aria-label': label,
    });
    const template = source.columns.map(({ width }) => `minmax(${width}ch, ${width}fr)`).join(' ');
    const least = source.columns.reduce((sum, { width }) => sum + width + 1, 0);
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
    this.element.addEventListener('click', (event) => this.pick(event));
    this.element.addEventListener('dblclick', () => source.enter?.(this.row));
  }

  get selected(): number {
    return this.row;
  }

  resized(): void {
    this.rowHeight = 0;
  }

  draw(): void {
    const { source, drawn } = this;
    source.prepare?.();
    const total = source.rows();
    if (this.rowHeight === 0) {
      this.rowHeight = Number.parseFloat(getComputedStyle(this.element).getPropertyValue('--row')) || 20;
      this.rowHeight *= Number.parseFloat(getComputedStyle(this.element).fontSize) || 13;
      this.room = this.element.clientHeight;
      this.total = -1;
    }
    if (total !== this.total) {
      this.total = total;
      this.space.style.height = `${total * this.rowHeight}px`;
      this.element.setAttribute('aria-rowcount', String(total + 1));
    }
    const first = Math.max(0, Math.floor(this.scrolled / this.rowHeight) - SPARE_ROWS);
    const wanted = Math.max(0, Math.min(total - first, Math.ceil(this.room / this.rowHeight) + 2 * SPARE_ROWS));
    while (drawn.length < wanted) this.addRow();
    while (drawn.length > wanted) drawn.pop()!.element.remove();
    const moved = first !== this.first;
    this.first = first;
    for (let place = 0; place < drawn.length; place++) this.drawRow(drawn[place]!, first + place, moved);
  }

  /** Moves the selection so that it is seen. */
  select(row: number, column = this.column): void {
    this.row = Math.max(0, Math.min(this.source.rows() - 1, row));
    this.column = Math.max(0, Math.min(this.source.columns.length - 1, column));
    const top = this.row * this.rowHeight;
    const { element } = this;
    const header = 2 * this.rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + this.room - header) element.scrollTop = top - this.room + header;
    this.scrolled = element.scrollTop;
    this.draw();
    const cell = this.drawn[this.row - this.first]?.cells[this.column];
    if (cell !== undefined) element.setAttribute('aria-activedescendant', cell.id);
  }

  /** Selects a row and brings it into the middle. */
  centre(row: number): void {
    this.element.scrollTop = (row + 1.5) * this.rowHeight - this.room / 2;
    this.scrolled = this.element.scrollTop;
    this.row = row;
    this.draw();
  }

  key({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (altKey || metaKey || ctrlKey) return false;
    const page = Math.max(1, Math.floor(this.room / this.rowHeight) - 2);
    if (key === 'ArrowDown' || key === 'j') this.select(this.row + 1);
    else if (key === 'ArrowUp' || key === 'k') this.select(this.row - 1);
    else if (key === 'ArrowRight' || key === 'l') this.select(this.row, this.column + 1);
    else if (key === 'ArrowLeft' || key === 'h') this.select(this.row, this.column - 1);
    else if (key === 'PageDown') this.select(this.row + page);
    else if (key === 'PageUp') this.select(this.row - page);
    else if (key === 'Home') this.select(0);
    else if (key === 'End') this.select(this.source.rows() - 1);
    else if (key === 'Enter' && this.source.enter !== undefined) this.source.enter(this.row);
    else if (key === 'y') void navigator.clipboard?.writeText(this.lineOf(this.row, '\t'));
    else return false;
    return true;
  }

  csv(): string {
    this.source.prepare?.();
    const head = this.source.columns
      .map(({ title, unit }) => quoted(unit === undefined ? title : `${title} ${unit}`))
      .join(',');
    const rows = Array.from({ length: this.source.rows() }, (_, row) => this.lineOf(row, ','));
    return `${[head, ...rows].join('\n')}\n`;
  }

  private lineOf(row: number, separator: string): string {
    const texts = this.source.columns.map((column) => column.text(row));
    return (separator === ',' ? texts.map(quoted) : texts).join(separator);
  }

  private pick(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest('.cell');
    for (const [place, { cells }] of this.drawn.entries()) {
      const column = cells.indexOf(cell as HTMLElement);
      if (column >= 0) this.select(this.first + place, column);
    }
  }

  private addRow(): void {
    const id = `c${nextCell++}`;
    const cells = this.source.columns.map(({ words }, column) =>
      h('div', words ? 'cell words' : 'cell', [], { role: 'gridcell', id: `${id}-${column}` }),
    );
    const nodes = cells.map((cell) => {
      const node = document.createTextNode('');
      cell.append(node);
      return node;
    });
    const element = h('div', 'grid-row', cells, { role: 'row' });
    this.space.append(element);
    const blank = cells.map(() => '');
    this.drawn.push({ element, cells, nodes, texts: [...blank], tones: [...blank], tone: '' });
  }

  private drawRow(drawn: DrawnRow, row: number, moved: boolean): void {
    const { columns, rowTone } = this.source;
    const { cells, nodes, texts, tones, element } = drawn;
    const top = `translateY(${row * this.rowHeight}px)`;
    if (element.style.transform !== top) element.style.transform = top;
    const tone = `${rowTone?.(row) ?? ''}${row === this.row ? ' selected' : ''}`;
    if (drawn.tone !== tone) {
      drawn.tone = tone;
      element.className = `grid-row ${tone}`;
      element.setAttribute('aria-selected', String(row === this.row));
    }
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!;
      const text = column.text(row);
      if (text !== texts[at]) {
        texts[at] = text;
        nodes[at]!.data = text;
      }
      const cellTone = `${column.tone?.(row) ?? ''}${row === this.row && at === this.column ? ' cursor' : ''}`;
      if (cellTone !== tones[at]) {
        tones[at] = cellTone;
        cells[at]!.className = `cell ${column.words ? 'words ' : ''}${cellTone}`;
      }
    }
    if (moved) element.setAttribute('aria-rowindex', String(row + 2));
  }
}

let nextCell = 0;

function quoted(text: string): string {
  // A text that a spreadsheet would take for a formula is no formula here.
  const safe = /^[=@]|^[+-](?![\d.]+%?$)./.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
