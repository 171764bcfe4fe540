import { button, h } from '../dom.js';

/** What an answer may hold: paragraphs, headings, lists, tables, code, bold, italics, and `[#3]`, which leads to a result. Everything else is text. */
type Cite = (ref: number) => void;

const INLINE = /(`[^`\n]+`|\*\*[^*\n]+\*\*|\*[^*\s][^*\n]*\*|\[#\d{1,6}\])/;

/** The words of a line as nodes. No link is ever made, and no picture: nothing leads to another place. */
function inline(text: string, cite: Cite): (Node | string)[] {
  return text.split(INLINE).map((part) => {
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

/** Markdown as nodes of the DOM; no markup is parsed by the browser. */
export function markdown(text: string, cite: Cite): HTMLElement[] {
  const lines = text.split('\n');
  const made: HTMLElement[] = [];
  for (let at = 0; at < lines.length; ) {
    const take = (matches: (line: string) => boolean): string[] => {
      const from = at;
      while (at < lines.length && matches(lines[at]!)) at++;
      return lines.slice(from, at);
    };
    const line = lines[at]!;
    if (line.trim() === '') at++;
    else if (line.startsWith('```')) {
      at++;
      const code = take((one) => !one.startsWith('```'));
      at++;
      made.push(h('pre', 'code', [code.join('\n')], { tabindex: '0' }));
    } else if (/^#{1,6}\s/.test(line)) {
      made.push(h('h3', '', inline(line.replace(/^#+\s*/, ''), cite)));
      at++;
    } else if (/^\s*([-*]|\d+[.)])\s/.test(line)) {
      const items = take((one) => /^\s*([-*]|\d+[.)])\s/.test(one));
      const tag = /^\s*\d/.test(line) ? 'ol' : 'ul';
      made.push(
        h(
          tag,
          '',
          items.map((item) => h('li', '', inline(item.replace(/^\s*([-*]|\d+[.)])\s+/, ''), cite))),
        ),
      );
    } else if (/^\s*\|/.test(line)) {
      const rows = take((one) => /^\s*\|/.test(one)).filter((row) => !/^[\s|:-]+$/.test(row));
      const row = (source: string, tag: 'th' | 'td') =>
        h(
          'tr',
          '',
          cells(source).map((cell) => h(tag, '', inline(cell, cite))),
        );
      made.push(
        h(
          'table',
          'plain',
          rows.map((source, place) => row(source, place === 0 ? 'th' : 'td')),
        ),
      );
    } else {
      const first = at;
      const words = take((one) => one.trim() !== '' && !/^(```|#{1,6}\s|\s*([-*]|\d+[.)])\s|\s*\|)/.test(one));
      // What begins like something else and is not stands as it is: every line is gone past.
      if (at === first) at++;
      made.push(h('p', '', inline(words.join(' ') || line, cite)));
    }
  }
  return made;
}
