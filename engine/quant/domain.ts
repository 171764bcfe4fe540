/**
 * Checks at the door of functions that take an options object: a wrong argument throws a RangeError that says what was
 * expected, what was found and whose argument it is. Kernels on plain numbers do not throw: they return NaN.
 */

export function requirePositive(owner: string, name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) refuse(owner, name, 'a finite number above 0', value);
}

export function requireNonNegative(owner: string, name: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) refuse(owner, name, 'a finite number of at least 0', value);
}

export function requireFinite(owner: string, name: string, value: number): void {
  if (!Number.isFinite(value)) refuse(owner, name, 'a finite number', value);
}

export function requireBetween(owner: string, name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) refuse(owner, name, `a number from ${low} to ${high}`, value);
}

export function requireInteger(owner: string, name: string, value: number, least: number): void {
  if (!(Number.isSafeInteger(value) && value >= least))
    refuse(owner, name, `a whole number of at least ${least}`, value);
}

export function refuse(owner: string, name: string, expected: string, found: unknown): never {
  throw new RangeError(`${owner}: ${name} must be ${expected}, not ${String(found)}`);
}
