/** A rule that cannot be read: says what was expected and what stands there, and points at the character. */
export class RuleSyntaxError extends Error {
  /** Place of the character in the text, from 0. */
  readonly at: number;

  constructor(text: string, at: number, message: string, line = 1) {
    super(`line ${line}, character ${at + 1}: ${message}\n  ${text}\n  ${' '.repeat(at)}^`);
    this.name = 'RuleSyntaxError';
    this.at = at;
  }
}

export type TokenKind = 'name' | 'number' | 'duration' | 'symbol' | 'end';

export interface Token {
  kind: TokenKind;
  text: string;
  /** Of a number its value, of a duration its seconds. */
  value: number;
  at: number;
}

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
const FACTORS: Record<string, number> = { '%': 0.01, k: 1e3, M: 1e6 };
const NUMBER = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/i;
/** Metrics are names with dots; their parts may begin with digits, and hold hyphens as instruments' names do. */
const NAME = /^(?:[A-Za-z_]\w*(?:\.(?:\*|\w+(?:-\w+)*))+|[A-Za-z_]\w*(?:-\w+)*)/;
const SYMBOLS = ['>=', '<=', '==', '!=', '>', '<', '+', '-', '*', '/', '(', ')', ',', ':'];

/** The tokens of one rule, an `end` behind them. */
export function tokensOf(text: string, line = 1): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const rest = text.slice(at);
    if (rest.startsWith('#')) break;
    const number = NUMBER.exec(rest);
    const name = NAME.exec(rest);
    const symbol = SYMBOLS.find((known) => rest.startsWith(known));
    if (number !== null) {
      const token = numberToken(text, at, number[0], line);
      tokens.push(token);
      at += token.text.length;
    } else if (name !== null) {
      tokens.push({ kind: 'name', text: name[0], value: Number.NaN, at });
      at += name[0].length;
    } else if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, value: Number.NaN, at });
      at += symbol.length;
    } else {
      throw new RuleSyntaxError(text, at, `'${text[at]}' means nothing here`, line);
    }
  }
  tokens.push({ kind: 'end', text: '', value: Number.NaN, at: text.length });
  return tokens;
}

function numberToken(text: string, at: number, digits: string, line: number): Token {
  const unit = /^[A-Za-z%]+/.exec(text.slice(at + digits.length))?.[0] ?? '';
  const value = Number(digits);
  if (unit === '') return { kind: 'number', text: digits, value, at };
  const whole = digits + unit;
  if (SECONDS[unit] !== undefined) return { kind: 'duration', text: whole, value: value * SECONDS[unit], at };
  if (FACTORS[unit] !== undefined) return { kind: 'number', text: whole, value: value * FACTORS[unit], at };
  const known = [...Object.keys(SECONDS), ...Object.keys(FACTORS)].join(', ');
  throw new RuleSyntaxError(text, at + digits.length, `there is no unit '${unit}'; there are: ${known}`, line);
}
