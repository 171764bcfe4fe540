import { invalidParam } from './errors.js';

/**
 * Parameters of a request, each checked when it is taken. Those of an address (`?amount=10`) are text, and read as what is
 * asked for. Throws the venue's `Invalid params` with the parameter's name.
 */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #areText: boolean;
  /** Where these stand, such as `quotes[3].bid.`. */
  readonly #prefix: string;

  constructor(values: Readonly<Record<string, unknown>>, areText = false, prefix = '') {
    this.#values = values;
    this.#areText = areText;
    this.#prefix = prefix;
  }

  /** Names of all that are given. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  /** @param longest characters that the text may have */
  text(name: string, longest = 256): string {
    const value = this.#required(name);
    if (typeof value !== 'string') throw this.#invalid(name, 'must be a string');
    if (value.length > longest) throw this.#invalid(name, `must be at most ${longest} characters`);
    return value;
  }

  optionalText(name: string, longest?: number): string | undefined {
    return this.has(name) ? this.text(name, longest) : undefined;
  }

  number(name: string): number {
    const given = this.#required(name);
    const value = this.#areText && typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#invalid(name, 'must be a number');
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  integer(name: string, least: number, most: number): number {
    const value = this.number(name);
    if (!Number.isInteger(value)) throw this.#invalid(name, 'must be an integer');
    if (value < least || value > most) throw this.#invalid(name, `must be between ${least} and ${most}`);
    return value;
  }

  optionalInteger(name: string, least: number, most: number): number | undefined {
    return this.has(name) ? this.integer(name, least, most) : undefined;
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.#value(name);
    if (value === undefined) return otherwise;
    if (typeof value === 'boolean') return value;
    if (this.#areText && (value === 'true' || value === 'false')) return value === 'true';
    throw this.#invalid(name, 'must be a boolean');
  }

  choice<const Option extends string>(name: string, options: readonly Option[]): Option {
    const value = this.#required(name);
    const chosen = options.find((option) => option === value);
    if (chosen === undefined) throw this.#invalid(name, `must be one of ${options.join(', ')}`);
    return chosen;
  }

  optionalChoice<const Option extends string>(name: string, options: readonly Option[]): Option | undefined {
    return this.has(name) ? this.choice(name, options) : undefined;
  }

  /** @param most items that the list may have */
  texts(name: string, most: number): string[] {
    const value = this.#list(name, most);
    if (!value.every((item) => typeof item === 'string')) throw this.#invalid(name, 'must be a list of strings');
    return value;
  }

  /** One text or a list of them. */
  textOrTexts(name: string, most: number): string[] {
    const value = this.#required(name);
    return typeof value === 'string' && !value.startsWith('[') ? [value] : this.texts(name, most);
  }

  /** A list of objects, each with parameters of its own. */
  items(name: string, most: number): Params[] {
    return this.#list(name, most).map((item, index) => this.#nested(item, `${name}[${index}]`));
  }

  optionalItem(name: string): Params | undefined {
    const given = this.#value(name);
    const value = this.#areText && typeof given === 'string' ? parsedOr(given) : given;
    return value === undefined ? undefined : this.#nested(value, name);
  }

  #nested(value: unknown, path: string): Params {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#invalid(path, 'must be an object');
    }
    return new Params(value as Record<string, unknown>, false, `${this.#prefix}${path}.`);
  }

  #list(name: string, most: number): unknown[] {
    const given = this.#required(name);
    const value = this.#areText && typeof given === 'string' ? parsedOr(given) : given;
    if (!Array.isArray(value)) throw this.#invalid(name, 'must be a list');
    if (value.length > most) throw this.#invalid(name, `must have at most ${most} items`);
    return value;
  }

  #value(name: string): unknown {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return value === null ? undefined : value;
  }

  #required(name: string): unknown {
    const value = this.#value(name);
    if (value === undefined) throw this.#invalid(name, 'value required');
    return value;
  }

  #invalid(name: string, reason: string): Error {
    return invalidParam(this.#prefix + name, reason);
  }
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
