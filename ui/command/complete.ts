import type { FunctionName } from './parse.js';
import { ALL } from './target.js';

export interface Completion {
  /** The whole line once it is taken. */
  line: string;
  /** What it is, for people. */
  title: string;
}

/** A function with what it is called, as help and completion show it. */
export interface NamedFunction extends FunctionName {
  title: string;
}

const MOST = 9;

/**
 * What the last word of a line may become: functions first by how lately they were used, then underlyings and expiries.
 * @param recent codes, the latest first
 */
export function complete(
  line: string,
  functions: readonly NamedFunction[],
  underlyings: readonly string[],
  expiries: readonly string[],
  recent: readonly string[],
): Completion[] {
  const start = line.lastIndexOf(' ') + 1;
  const before = line.slice(0, start);
  const word = line.slice(start).toUpperCase();
  if (word === '') return [];
  const age = (code: string) => (recent.includes(code) ? recent.indexOf(code) : recent.length);
  const found = functions
    .map((named) => ({ named, rank: rank(word, named) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || age(a.named.code) - age(b.named.code) || (a.named.code < b.named.code ? -1 : 1))
    .map(({ named }) => ({ line: before + named.code, title: named.title }));
  const names = [
    ...underlyings.map((name) => ({ name, title: 'underlying' })),
    { name: ALL, title: 'every underlying' },
    ...expiries.map((name) => ({ name, title: 'expiry' })),
  ]
    .filter(({ name }) => name.startsWith(word))
    .map(({ name, title }) => ({ line: before + name, title }));
  return [...found, ...names].slice(0, MOST);
}

/** How well a function answers to a word: 0 not at all. */
function rank(word: string, { code, aliases, title }: NamedFunction): number {
  if (code === word) return 5;
  if (code.startsWith(word)) return 4;
  if (aliases?.some((alias) => alias.startsWith(word))) return 3;
  if (
    word.length >= 2 &&
    title
      .toUpperCase()
      .split(/\W+/)
      .some((part) => part.startsWith(word))
  )
    return 2;
  return word.length >= 3 && isScattered(word, code) ? 1 : 0;
}

/** Whether the letters of a word stand in another one in this order. */
function isScattered(word: string, within: string): boolean {
  let at = 0;
  for (const letter of within) if (letter === word[at]) at++;
  return at === word.length;
}
