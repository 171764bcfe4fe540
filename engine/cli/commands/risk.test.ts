import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExpiry } from '../../market/instrument-name.js';
import { runCommandLine } from '../program.js';

const INSTRUMENTS = [
  { key: 0, underlying: 0, text: 'BTC-PERPETUAL\tBTC\tBTC' },
  { key: 1, underlying: 1, text: 'ETH-PERPETUAL\tETH\tETH' },
];

let given: Record<string, unknown>[];
let complained: string;
let printed: string;
/** What the gateway says to a command. */
let answer: { status: number; body: Record<string, unknown> };

beforeEach(() => {
  given = [];
  complained = '';
  printed = '';
  answer = { status: 202, body: { accepted: true, status: 'accepted', seq: 12 } };
  vi.stubEnv('VOLFILTER_TOKEN', 'token');
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
  vi.stubGlobal('fetch', (url: string, { body }: { body?: string }) => {
    if (url.includes('/instruments')) return Promise.resolve(Response.json({ rows: INSTRUMENTS, next: null }));
    given.push(JSON.parse(body ?? '{}') as Record<string, unknown>);
    return Promise.resolve(Response.json(answer.body, { status: answer.status }));
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

const risk = (...words: string[]): Promise<number> =>
  runCommandLine(['node', 'volfilter', 'risk', '--url', 'http://127.0.0.1:1', ...words]);

describe('volfilter risk', () => {
  it('moves everything, an underlying, an expiry of it, or a strategy', async () => {
    await risk('reduce');
    await risk('reduce', '--underlying', 'eth');
    await risk('halt', '--underlying', 'BTC', '--expiry', '27MAR26');
    await risk('active', '--strategy', 'quoter', '--yes');
    await risk('halt', '--strategy', 'Flattener');
    expect(given).toEqual([
      { action: 'reduce', scope: 'everything', reason: '' },
      { action: 'reduce', scope: 'underlying', key: 1, reason: '' },
      { action: 'halt', scope: 'expiry', key: 0, expiry: parseExpiry('27MAR26'), reason: '' },
      { action: 'active', scope: 'strategy', key: 1, reason: '' },
      { action: 'halt', scope: 'strategy', key: 4, reason: '' },
    ]);
    expect(printed).toBe('in the log as 12\n'.repeat(5));
  });

  it.each<[name: string, words: RegExp, ...options: string[]]>([
    [
      'a strategy that there is not',
      /no strategy 'nosuch': engine, quoter, hedger, operator, flattener/,
      '--strategy',
      'nosuch',
    ],
    ["a number that is no strategy's", /no strategy '65'/, '--strategy', '65'],
    ['an underlying that there is not', /no underlying 'DOGE' here: BTC, ETH/, '--underlying', 'DOGE'],
    [
      'a day that there is not',
      /expected an expiry such as 27MAR26, found '31FEB26'/,
      '--expiry',
      '31FEB26',
      '--underlying',
      'BTC',
    ],
    ['an expiry of nothing', /needs --underlying/, '--expiry', '27MAR26'],
    ['a strategy of one underlying', /give --strategy alone/, '--strategy', 'quoter', '--underlying', 'BTC'],
  ])('refuses %s by name, and gives nothing', async (_name, words, ...options) => {
    expect(await risk('reduce', ...options)).toBe(2);
    expect(complained).toMatch(words);
    expect(given).toEqual([]);
  });

  it('says what the gateway says of an expiry that is not listed', async () => {
    const title = 'BTC has no expiry 27MAR99: the nearest of those listed are 27MAR26';
    answer = { status: 404, body: { title } };
    expect(await risk('reduce', '--underlying', 'BTC', '--expiry', '27MAR99')).not.toBe(0);
    expect(complained).toContain(title);
    expect(printed).toBe('');
  });

  it('closes one expiry of an underlying', async () => {
    await runCommandLine([
      ...['node', 'volfilter', 'flatten', '--url', 'http://127.0.0.1:1', '--yes'],
      ...['--underlying', 'ETH', '--expiry', '26JUN26'],
    ]);
    expect(given).toEqual([{ action: 'flatten', scope: 'expiry', key: 1, expiry: parseExpiry('26JUN26'), reason: '' }]);
  });

  it('adds no risk unless it is told to', async () => {
    expect(await risk('active', '--underlying', 'BTC')).not.toBe(0);
    expect(complained).toMatch(/--yes/);
    expect(given).toEqual([]);
  });
});
