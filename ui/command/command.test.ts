import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functions, pages } from '../pages/registry.js';
import { complete } from './complete.js';
import { CommandHistory } from './history.js';
import { parseCommand } from './parse.js';
import { expiryName, takenBy, turned } from './target.js';

const underlyings = ['BTC', 'ETH'];
const parse = (line: string) => parseCommand(line, functions, underlyings);

describe('a command', () => {
  it.each([
    ['OMON', {}, 'OMON', []],
    ['btc omon', { underlying: 'BTC' }, 'OMON', []],
    ['BTC 27MAR26 SMILE', { underlying: 'BTC', expiry: '27MAR26' }, 'SMILE', []],
    ['BTC 27MAR26 100K C OVME', { underlying: 'BTC', expiry: '27MAR26', strike: 100_000, right: 'C' }, 'OVME', []],
    ['eth 2500 p ovme', { underlying: 'ETH', strike: 2500, right: 'P' }, 'OVME', []],
    ['SAVE my desk', {}, 'SAVE', ['my', 'desk']],
    ['pos', {}, 'PORT', []],
    ['all port', { underlying: 'ALL' }, 'PORT', []],
  ])('%s', (line, target, code, words) => {
    expect(parse(line)).toEqual({ kind: 'function', code, target, words });
  });

  it.each([
    ['', 'nothing'],
    ['  ', 'nothing'],
    ['3', 'choice'],
    ['ETH', 'target'],
    ['27MAR26', 'target'],
    ['XYZ OMON', 'error'],
    ['BTC ETH OMON', 'error'],
    ['ALL', 'target'],
    ['ALL BTC PORT', 'error'],
    ['C OMON', 'error'],
    ['31FOO26 SMILE', 'error'],
  ])('%j is %s', (line, kind) => {
    expect(parse(line).kind).toBe(kind);
  });

  it('never throws, and blames a word that was typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (line) => {
        const parsed = parse(line);
        if (parsed.kind === 'error') expect(line).toContain(parsed.word);
      }),
    );
  });
});

describe('the registry', () => {
  it('has one meaning for every word, none of which an instrument could claim', () => {
    const words = functions.flatMap(({ code, aliases = [] }) => [code, ...aliases]);
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(word).toMatch(/^[A-Z]{2,8}$/);
    for (const word of [...underlyings, 'ALL', 'C', 'P']) expect(words).not.toContain(word);
  });

  it('is completed from its first letters, from words of its titles, and by what was used last', () => {
    const first = (line: string, recent: string[] = []) =>
      complete(line, functions, underlyings, ['27MAR26'], recent)[0]?.line;
    expect([first('OM'), first('BTC sm'), first('latency'), first('27'), first('ET')]).toEqual([
      'OMON',
      'BTC SMILE',
      'LAT',
      '27MAR26',
      'ETH',
    ]);
    expect([first('S', ['STAT']), first('S', ['SMILE'])]).toEqual(['STAT', 'SMILE']);
    expect(complete('BTC ', functions, underlyings, [], [])).toEqual([]);
  });
});

it('lines that were given are called back, and what was being typed is kept', () => {
  const history = new CommandHistory();
  history.add('BTC OMON');
  history.add('BTC OMON');
  history.add('RISK');
  expect([history.before('PO'), history.before(''), history.before(''), history.after(), history.after()]).toEqual([
    'RISK',
    'BTC OMON',
    'BTC OMON',
    'RISK',
    'PO',
  ]);
});

it('an expiry is named as the venue does', () => {
  expect([
    expiryName(Date.UTC(2026, 2, 27, 8) * 1000),
    expiryName(Date.UTC(2026, 0, 2, 8) * 1000),
    expiryName(Number.POSITIVE_INFINITY),
  ]).toEqual(['27MAR26', '2JAN26', 'PERP']);
});

it('what is not said of a target stays as it was, and ALL leaves nothing of it', () => {
  const before = { underlying: 'BTC', expiry: '27MAR26' };
  expect(turned(before, { underlying: 'ETH' })).toEqual({ underlying: 'ETH', expiry: '27MAR26' });
  expect(turned(before, { expiry: '25DEC26' })).toEqual({ underlying: 'BTC', expiry: '25DEC26' });
  expect(turned(before, { underlying: 'ALL' })).toEqual({});
});

it('a page is not called after what it does not show: RISK after BTC OMON is that of everything', () => {
  const target = { underlying: 'BTC', expiry: '27MAR26', strike: 100_000, right: 'C' } as const;
  const usage = (code: string) => pages.find((page) => page.code === code)!.usage;
  expect(takenBy(usage('RISK'), target)).toEqual({});
  expect(takenBy(usage('TERM'), target)).toEqual({ underlying: 'BTC' });
  expect(takenBy(usage('SMILE'), target)).toEqual({ underlying: 'BTC', expiry: '27MAR26' });
  expect(takenBy(usage('OVME'), target)).toEqual(target);
});
