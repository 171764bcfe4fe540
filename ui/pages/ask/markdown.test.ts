import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeElement, type FakeNode, fakeDocument } from '../../testing/fake-dom.js';
import { MarkdownStream, markdown } from './markdown.js';

const cite = (): void => {};
const element = () => document.createElement('div');
const markupOf = (node: unknown): string => (node as FakeElement).markup;

/** What stands after a text came in pieces. */
function streamed(pieces: readonly string[]): string {
  const into = element();
  const stream = new MarkdownStream(into, cite);
  for (const piece of pieces) stream.append(piece);
  stream.end();
  return markupOf(into);
}

function whole(text: string): string {
  const into = element();
  into.append(...markdown(text, cite));
  return markupOf(into);
}

const line = fc.oneof(
  fc.constantFrom(
    '',
    '  ',
    '```',
    '```sql',
    '# Head',
    '### More words',
    '#none',
    '- item **b**',
    '* other',
    '12. twelfth',
  ),
  fc.constantFrom(
    '| a | b |',
    '|---|---|',
    '  | `c` | *d* |',
    '-',
    '**bold** and `code`',
    '*half',
    '2 * 3 = 6 [#12]',
    '7',
  ),
  fc
    .array(fc.constantFrom('word', '**bold**', '`a b`', '*', '`', '[#7]', 'x*y', '**', '- ', '1.'), { maxLength: 20 })
    .map((words) => words.join(' ')),
);
/** As long as the runs of a paragraph, with and without ends of sentences; every mark that begins in it ends. */
const longLine = fc
  .array(fc.constantFrom('a word and another', 'the end.', 'is it?', '**bold. Or not** ', '`code `', '[#7]', '!'), {
    minLength: 300,
    maxLength: 900,
  })
  .map((words) => words.join(' '));
const answer = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));

describe('Markdown of an answer', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = fakeDocument();
  });
  afterAll(() => restore());

  it('looks the same whole and in pieces of any size', () => {
    fc.assert(
      fc.property(answer, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (text, sizes) => {
        const pieces: string[] = [];
        for (let at = 0; at < text.length; ) {
          const size = sizes.next().value as number;
          pieces.push(text.slice(at, at + size));
          at += size;
        }
        expect(streamed(pieces)).toBe(whole(text));
      }),
      { numRuns: 300 },
    );
  });

  it('has the same runs in a long paragraph, whatever the pieces are that it comes in', () => {
    fc.assert(
      fc.property(longLine, fc.integer({ min: 20, max: 400 }), (text, size) => {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
          text.slice(at * size, (at + 1) * size),
        );
        expect(streamed(pieces)).toBe(whole(text));
      }),
      { numRuns: 20 },
    );
  });

  it('has no block with more than a few thousand letters of a paragraph, and loses none', () => {
    const sentence = 'It fell by **two** points and then stood still. ';
    for (const text of [sentence.repeat(1000), 'word '.repeat(20_000)]) {
      const into = element();
      into.append(...markdown(text, cite));
      const paragraph = (into as unknown as FakeElement).children[0]!;
      const runs = paragraph.children.filter(({ className }) => className === 'run');
      const first = paragraph.childNodes.filter((node) => !(runs as FakeNode[]).includes(node));
      const lengths = [first, ...runs.map(({ childNodes }) => childNodes)].map((nodes) =>
        nodes.reduce((sum, { markup }) => sum + markup.replace(/<[^>]+>/g, '').length, 0),
      );
      expect(Math.max(...lengths)).toBeLessThanOrEqual(6100);
      expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThanOrEqual(2500);
      expect(paragraph.markup.replace(/<[^>]+>/g, '')).toBe(text.replaceAll('**', ''));
    }
  });

  it('knows paragraphs, headings, lists, tables, code and marks, and nothing else', () => {
    expect(
      whole(
        '# Skew\nIt *fell* by **2** `pts` [#3].\nSo it is.\n\n1. one\n2. two\n\n|a|b|\n|-|-|\n|1|<i>|\n```\nx\n\n- y\n```\n',
      ),
    ).toBe(
      '<div><h3>Skew</h3><p>It <i>fell</i> by <b>2</b> <code>pts</code> <button>[#3]</button>. So it is.</p>' +
        '<ol><li>one</li><li>two</li></ol><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><i></td></tr></table><pre>x\n\n- y</pre></div>',
    );
  });

  it('draws only the last words of a long paragraph again', () => {
    const into = element();
    const stream = new MarkdownStream(into, cite);
    const paragraph = () => (into as unknown as FakeElement).children[0]!;
    for (let word = 0; word < 500; word++) stream.append(`word${word} `);
    const first = paragraph().childNodes[0];
    let drawn = 0;
    for (let word = 0; word < 500; word++) {
      const before = new Set(paragraph().childNodes);
      stream.append(`more${word} `);
      for (const node of paragraph().childNodes) if (!before.has(node)) drawn += node.text.length;
    }
    expect(paragraph().childNodes[0]).toBe(first);
    // A few hundred letters a word, however long it is already.
    expect(drawn / 500).toBeLessThan(600);
  });

  it('shows the first word before its line has ended, and no mark before it is one', () => {
    const into = element();
    const stream = new MarkdownStream(into, cite);
    stream.append('Yes');
    expect(markupOf(into)).toBe('<div><p>Yes</p></div>');
    stream.append(', **al');
    expect(markupOf(into)).toBe('<div><p>Yes, **al</p></div>');
    stream.append('l** of it');
    expect(markupOf(into)).toBe('<div><p>Yes, <b>all</b> of it</p></div>');
  });
});
