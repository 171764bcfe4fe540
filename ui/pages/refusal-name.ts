import { refusalNames } from './refusal-names.js';

/** Why risk refused, in words; the number of a reason that this page does not know. */
export function refusalName(code: number): string {
  return refusalNames.get(code) ?? `#${code}`;
}
