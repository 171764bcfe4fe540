import { describe, expect, it } from 'vitest';
import { tokenize } from './tokens.mjs';

const words = (source: string): string[] => tokenize(source).map((token) => token.text);
const kinds = (source: string): string[] => tokenize(source).map((token) => token.kind);

describe('tokenize', () => {
  it('leaves comments out, also those that look like code or strings', () => {
    expect(words("a // Date.now() '\n/* `x` ** 2 */ b")).toEqual(['a', 'b']);
  });

  it('keeps a string in one piece, whatever is written in it', () => {
    expect(words(`'it\\'s ** // no comment' "two" x`)).toEqual([`it\\'s ** // no comment`, 'two', 'x']);
  });

  it('sees the code inside a template and not its text', () => {
    expect(words('`Date ${a ** `${b}`} /* text */ ${{ c: 1 }.c} $d` + e')).toEqual([
      ...['Date ', 'a', '**', '', 'b', '', ' /* text */ ', '{', 'c', ':', '1', '}', '.', 'c', ' $d', '+', 'e'],
    ]);
  });

  it('tells a regular expression from a division', () => {
    expect(kinds('x = /a[/]b"/g; y = a / b / c; return /"/')).not.toContain('string');
    expect(kinds('(a) / b')).toEqual(['punctuation', 'name', 'punctuation', 'punctuation', 'name']);
    expect(kinds('= /[/]/u')).toEqual(['punctuation', 'regex']);
  });

  it('reads numbers as numbers, a method call on one included', () => {
    expect(words('1_000.5e-3 0xff 10n .5 1..toFixed')).toEqual([
      '1_000.5e-3',
      '0xff',
      '10n',
      '.5',
      '1.',
      '.',
      'toFixed',
    ]);
  });

  it('counts lines through comments, strings and templates', () => {
    const last = tokenize('/*\n*/ `\n${x}\n` //\nend').at(-1);
    expect(last).toEqual({ kind: 'name', text: 'end', line: 5 });
  });
});
