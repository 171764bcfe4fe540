import { button, h } from '../../dom.js';

/** What an answer may hold: paragraphs, headings, lists, tables, code, bold, italics, and `[#3]`, which leads to a result. Everything else is text. */
export type Cite = (ref: number) => void;

const INLINE = /(`[^`\n]+`|\*\*[^*\n]+\*\*|\*[^*\s][^*\n]*\*|\[#\d{1,6}\])/;
const EVERY_INLINE = new RegExp(INLINE, 'g');
const HEADING = /^#{1,6}\s/;
const ITEM = /^\s*([-*]|\d{1,9}[.)])\s/;
/** The beginning of a line of which the next letter may still make something else. */
const UNDECIDED = /^(\s*([-*]|\d{1,9}[.)]?)?\s*|#{1,6}\s*|`{1,2})$/;

/** Characters behind which words are looked at for a place where they can be settled, and where they are settled anyway. */
const SETTLE_FROM = 240;
const SETTLE_AT = 2000;

/** The words of a line as nodes. No link is ever made, and no picture: nothing leads to another place. */
function inline(text: string, cite: Cite): (Node | string)[] {
  return text
    .split(INLINE)
    .filter((part) => part !== '')
    .map((part) => {
      if (part.length > 2 && part.startsWith('`') && part.endsWith('`')) return h('code', '', [part.slice(1, -1)]);
      if (part.length > 4 && part.startsWith('**') && part.endsWith('**')) return h('b', '', [part.slice(2, -2)]);
      const ref = /^\[#(\d+)\]$/.exec(part)?.[1];
      if (ref !== undefined) return button(part, () => cite(Number(ref)), 'cite');
      if (part.length > 2 && part.startsWith('*') && part.endsWith('*')) return h('i', '', [part.slice(1, -1)]);
      return part;
    });
}

const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** Where text goes while it comes. */
interface Sink {
  add(text: string): void;
}

/** The words of one element. Only those that may still become bold, code or italic are drawn again when more come. */
class Words implements Sink {
  private readonly element: HTMLElement;
  private readonly cite: Cite;
  private open = '';
  private tail: ChildNode[] = [];

  constructor(element: HTMLElement, cite: Cite) {
    this.element = element;
    this.cite = cite;
  }

  add(text: string): void {
    const { element, cite } = this;
    this.open += text;
    for (const node of this.tail) node.remove();
    const settled = this.open.length < SETTLE_FROM ? 0 : settledLength(this.open);
    if (settled > 0) {
      element.append(...inline(this.open.slice(0, settled), cite));
      this.open = this.open.slice(settled);
    }
    const before = element.childNodes.length;
    element.append(...inline(this.open, cite));
    this.tail = [...element.childNodes].slice(before);
  }
}

/** How much of a text will look the same whatever follows: up to a blank outside of every mark. */
function settledLength(text: string): number {
  let at = 0;
  let settled = 0;
  for (const match of [...text.matchAll(EVERY_INLINE), undefined]) {
    const outside = text.slice(at, match?.index ?? text.length);
    // A mark that has begun and not ended: what follows it may belong to it.
    const begun = outside.search(/[`*]/);
    const blank = (begun < 0 ? outside : outside.slice(0, begun)).lastIndexOf(' ');
    if (blank >= 0) settled = at + blank;
    if (begun >= 0 || match === undefined) break;
    at = match.index + match[0].length;
  }
  return settled === 0 && text.length > SETTLE_AT ? Math.max(0, text.lastIndexOf(' ')) : settled;
}

/** Code as it stands. */
class Code implements Sink {
  readonly element = h('pre', 'code', [], { tabindex: '0' });

  add(text: string): void {
    this.element.append(text);
  }
}

/**
 * Markdown that comes piece by piece, as nodes of the DOM; no markup is parsed by the browser. What stands is never drawn again: only the last words
 * of the last block are, so that a long answer costs as much a piece as a short one.
 */
export class MarkdownStream {
  private readonly into: HTMLElement;
  private readonly cite: Cite;
  /** The beginning of a line of which it is not known yet what it is. */
  private start = '';
  /** Takes the rest of a line that is known. */
  private sink: Sink | undefined;
  private code: Code | undefined;
  private paragraph: Words | undefined;
  private list: HTMLElement | undefined;
  private table: HTMLElement | undefined;

  constructor(into: HTMLElement, cite: Cite) {
    this.into = into;
    this.cite = cite;
  }

  append(text: string): void {
    for (let from = 0; ; ) {
      const end = text.indexOf('\n', from);
      this.take(text.slice(from, end < 0 ? text.length : end));
      if (end < 0) return;
      this.endLine();
      from = end + 1;
    }
  }

  /** Nothing follows. */
  end(): void {
    if (this.sink === undefined && this.start !== '') this.begin(true);
    this.sink = undefined;
    this.start = '';
  }

  private take(part: string): void {
    if (part === '') return;
    if (this.sink !== undefined) {
      this.sink.add(part);
      return;
    }
    this.start += part;
    this.begin(false);
  }

  private endLine(): void {
    if (this.sink === undefined) this.begin(true);
    this.sink = undefined;
    this.start = '';
  }

  /** Finds what a line is, and begins it. @param isWhole there is no more of it */
  private begin(isWhole: boolean): void {
    const line = this.start;
    if (this.code !== undefined) this.goOnWithCode(this.code, line, isWhole);
    else if (isWhole || !UNDECIDED.test(line)) this.beginBlock(line, isWhole);
  }

  private goOnWithCode(code: Code, line: string, isWhole: boolean): void {
    if (line.startsWith('```')) {
      if (isWhole) this.code = undefined;
      return;
    }
    if (!isWhole && '```'.startsWith(line)) return;
    code.add(`${code.element.childNodes.length === 0 ? '' : '\n'}${line}`);
    this.sink = code;
  }

  private beginBlock(line: string, isWhole: boolean): void {
    if (line.trim() === '') this.endBlock();
    else if (line.startsWith('```')) {
      if (!isWhole) return;
      this.endBlock();
      this.code = new Code();
      this.into.append(this.code.element);
    } else if (HEADING.test(line)) {
      this.endBlock();
      this.sink = this.words(this.into, 'h3', line.replace(/^#+\s*/, ''));
    } else if (ITEM.test(line)) {
      if (this.list === undefined) {
        this.endBlock();
        this.list = h(/^\s*\d/.test(line) ? 'ol' : 'ul');
        this.into.append(this.list);
      }
      this.sink = this.words(this.list, 'li', line.replace(/^\s*([-*]|\d{1,9}[.)])\s+/, ''));
    } else if (/^\s*\|/.test(line)) {
      if (isWhole) this.addRow(line);
    } else if (this.paragraph !== undefined) {
      this.paragraph.add(` ${line}`);
      this.sink = this.paragraph;
    } else {
      this.endBlock();
      this.paragraph = this.words(this.into, 'p', line);
      this.sink = this.paragraph;
    }
  }

  private words(parent: HTMLElement, tag: 'h3' | 'li' | 'p', text: string): Words {
    const element = h(tag);
    parent.append(element);
    const words = new Words(element, this.cite);
    words.add(text);
    return words;
  }

  private addRow(line: string): void {
    if (this.table === undefined) {
      this.endBlock();
      this.table = h('table', 'plain');
      this.into.append(this.table);
    }
    if (/^[\s|:-]+$/.test(line)) return;
    const tag = this.table.childNodes.length === 0 ? 'th' : 'td';
    this.table.append(
      h(
        'tr',
        '',
        cells(line).map((cell) => h(tag, '', inline(cell, this.cite))),
      ),
    );
  }

  private endBlock(): void {
    this.paragraph = undefined;
    this.list = undefined;
    this.table = undefined;
  }
}

/** Markdown that is there, as nodes of the DOM. */
export function markdown(text: string, cite: Cite): HTMLElement[] {
  const into = h('div');
  const stream = new MarkdownStream(into, cite);
  stream.append(text);
  stream.end();
  return [...into.children] as HTMLElement[];
}
