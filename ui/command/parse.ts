import { ALL, isExpiry, type Target } from './target.js';

/** What a function of the registry is to the parser. */
export interface FunctionName {
  code: string;
  /** Other words for it. */
  aliases?: readonly string[];
}

export type Parsed =
  | { kind: 'function'; code: string; target: Target; words: string[] }
  /** A target alone: the focused pane turns to it. */
  | { kind: 'target'; target: Target }
  | { kind: 'choice'; number: number }
  | { kind: 'nothing' }
  | { kind: 'error'; message: string; word: string };

/**
 * Reads `[UND] [EXPIRY] [STRIKE] [C|P] FUNC [words]`. Case does not matter; what is behind the function stays as it was typed.
 * A strike may be written 100000 or 100K, and ALL stands for every underlying.
 * @param underlyings the names that are known
 */
export function parseCommand(text: string, functions: readonly FunctionName[], underlyings: readonly string[]): Parsed {
  const typed = text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (typed.length === 0) return { kind: 'nothing' };
  if (typed.length === 1 && /^\d{1,2}$/.test(typed[0]!)) return { kind: 'choice', number: Number(typed[0]) };
  const target: Target = {};
  for (const [index, raw] of typed.entries()) {
    const word = raw.toUpperCase();
    const code = codeOf(word, functions);
    // C and P are rights where a strike stands before them, so no function may be called so.
    if (code !== undefined) return { kind: 'function', code, target, words: typed.slice(index + 1) };
    if (!addToTarget(target, word, underlyings)) {
      return {
        kind: 'error',
        word: raw,
        message: `'${raw.slice(0, 24)}' is no function, underlying, expiry or strike`,
      };
    }
  }
  return { kind: 'target', target };
}

function codeOf(word: string, functions: readonly FunctionName[]): string | undefined {
  return functions.find(({ code, aliases }) => code === word || aliases?.includes(word))?.code;
}

/** Adds what a word says. @returns false where it says nothing, or something that was said already. */
function addToTarget(target: Target, word: string, underlyings: readonly string[]): boolean {
  if ((word === ALL || underlyings.includes(word)) && target.underlying === undefined) {
    target.underlying = word;
    return true;
  }
  if (isExpiry(word) && target.expiry === undefined) {
    target.expiry = word;
    return true;
  }
  const strike = /^(\d+(?:\.\d+)?)(K?)$/.exec(word);
  if (strike !== null && target.strike === undefined) {
    target.strike = Number(strike[1]) * (strike[2] === 'K' ? 1000 : 1);
    return true;
  }
  if ((word === 'C' || word === 'P') && target.strike !== undefined && target.right === undefined) {
    target.right = word;
    return true;
  }
  return false;
}
