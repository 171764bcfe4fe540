import { InvalidArgumentError } from 'commander';

/** A port as an option says it; with 0 the system gives a free one. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('expected a port, 0 to 65535; 0 takes any free one.');
}
