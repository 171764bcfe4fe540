import { refusalNames } from './refusal-names.js';

/** Why risk refused something, in words; its number where the words are not known. */
export function refusalName(code: number): string {
  return refusalNames.get(code) ?? `#${code}`;
}
