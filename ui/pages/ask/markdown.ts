import { h } from '../../dom.js';
import { type Cite, inline, Words } from './words.js';

// What an answer may hold: paragraphs, headings, lists, tables, code, bold, italics, and `[#3]`, which leads to a result. Everything else is text.

const HEADING = /^#{1,6}\s/;
const ITEM = /^\s*([-*]|\d{1,9}[.)])\s/;
/** The beginning of a line of which the next letter may still make something else. */
const UNDECIDED = /^(\s*([-*]|\d{1,9}[.)]?)?\s*|#{1,6}\s*|`{1,2})$/;

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
