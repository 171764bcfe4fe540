import { button, h } from '../../dom.js';

/** Leads to a result that an answer cites. */
export type Cite = (ref: number) => void;

const INLINE = /(`[^`\n]+`|\*\*[^*\n]+\*\*|\*[^*\s][^*\n]*\*|\[#\d{1,6}\])/;
const EVERY_INLINE = new RegExp(INLINE, 'g');

/** Characters behind which words are looked at for a place where they can be settled, and where they are settled anyway. */
const SETTLE_FROM = 240;
const SETTLE_AT = 2000;

/** Characters of a run: it ends with the first sentence behind these, or with the first word behind twice as many. */
const RUN_LENGTH = 3000;

/** A part of a line as a node: a mark and what is in it, or plain text. No link is ever made, and no picture: nothing leads to another place. */
function nodeOf(part: string, cite: Cite): Node | string {
  if (part.length > 2 && part.startsWith('`') && part.endsWith('`')) return h('code', '', [part.slice(1, -1)]);
  if (part.length > 4 && part.startsWith('**') && part.endsWith('**')) return h('b', '', [part.slice(2, -2)]);
  const ref = /^\[#(\d+)\]$/.exec(part)?.[1];
  if (ref !== undefined) return button(part, () => cite(Number(ref)), 'cite');
  if (part.length > 2 && part.startsWith('*') && part.endsWith('*')) return h('i', '', [part.slice(1, -1)]);
  return part;
}

const partsOf = (text: string): string[] => text.split(INLINE).filter((part) => part !== '');

/** The words of a line as nodes. */
export function inline(text: string, cite: Cite): (Node | string)[] {
  return partsOf(text).map((part) => nodeOf(part, cite));
}

/** Where words end that were drawn. */
interface Place {
  /** The run that they stand in, and the characters that it has. */
  run: HTMLElement;
  length: number;
  /** The last character. */
  last: string;
}

/**
 * The words of one element, which come piece by piece. Only those that may still become bold, code or italic are drawn again when more come. Very many are
 * put into runs, each a block of its own: a browser lays a block out anew with each word that is added to it.
 */
export class Words {
  private readonly element: HTMLElement;
  private readonly cite: Cite;
  /** Words that may still change, and how they are drawn; behind those that stand. */
  private open = '';
  private tail: ChildNode[] = [];
  private standing: Place;

  constructor(element: HTMLElement, cite: Cite) {
    this.element = element;
    this.cite = cite;
    this.standing = { run: element, length: 0, last: '' };
  }

  add(text: string): void {
    this.open += text;
    for (const node of this.tail) node.remove();
    const settled = this.open.length < SETTLE_FROM ? 0 : settledLength(this.open);
    if (settled > 0) {
      this.standing = this.draw(this.open.slice(0, settled), this.standing, []);
      this.open = this.open.slice(settled);
    }
    this.tail = [];
    this.draw(this.open, this.standing, this.tail);
  }

  /** Draws words behind a place. @param drawn takes the nodes that were made @returns where they end */
  private draw(text: string, from: Place, drawn: ChildNode[]): Place {
    let { run, length, last } = from;
    const append = (node: Node | string): void => {
      run.append(node);
      drawn.push(run.lastChild!);
    };
    for (const part of partsOf(text)) {
      const node = nodeOf(part, this.cite);
      let rest = part;
      if (typeof node !== 'string') append(node);
      else {
        for (let end = runEnd(rest, length, last); end >= 0; end = runEnd(rest, length, last)) {
          if (end > 0) append(rest.slice(0, end));
          run = h('span', 'run');
          this.element.append(run);
          drawn.push(run);
          length = 0;
          last = '';
          rest = rest.slice(end);
        }
        append(rest);
      }
      length += rest.length;
      last = part.at(-1)!;
    }
    return { run, length, last };
  }
}

/** Where in a text the run ends that has so many characters before it, the last of which is given; -1 where it goes on. Of the text alone, whatever the pieces are that it comes in. */
function runEnd(text: string, length: number, last: string): number {
  for (let at = text.indexOf(' ', RUN_LENGTH - length); at >= 0; at = text.indexOf(' ', at + 1)) {
    const isSentence = '.!?'.includes(text[at - 1] ?? (last === '' ? ' ' : last));
    if (isSentence || length + at >= 2 * RUN_LENGTH) return at;
  }
  return -1;
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
