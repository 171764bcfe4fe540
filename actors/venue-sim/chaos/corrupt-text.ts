import type { Chaos } from './chaos.js';

const WAYS = 5;

/** Wrong JSON, and JSON that is no message: cut off, doubled, with a wrong character, another type, or nothing at all. */
export function corruptText(text: string, chaos: Chaos): string {
  const at = chaos.place(text.length);
  switch (chaos.place(WAYS)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text + text.slice(at);
    case 2:
      return `${text.slice(0, at)}}${text.slice(at + 1)}`;
    case 3:
      return JSON.stringify([text]);
    default:
      return 'null';
  }
}
