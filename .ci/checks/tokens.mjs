// Splits TypeScript into tokens, so that checks see code and never comments or the insides of strings.

/**
 * @typedef {object} Token
 * @property {'name' | 'number' | 'string' | 'template' | 'regex' | 'punctuation'} kind
 * @property {string} text as written; a string without its quotes, a piece of a template without its marks
 * @property {number} line from 1
 */

const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const NAME = /#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?)n?/iy;
const STRING = /'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"/y;
const TEMPLATE_PIECE = /((?:[^`\\$]|\\[\s\S]|\$(?!\{))*)(`|\$\{)/y;
const REGEX = /\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[a-z]*/y;
const PUNCTUATION = /\*\*=|\?\?=|&&=|\|\|=|\.\.\.|=>|\*\*|\?\.(?!\d)|[\s\S]/y;

// After these a slash begins a regular expression although they look like a value.
const OPERATOR_WORDS = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'else',
  'do',
  'await',
  'yield',
]);

/** @param {Token | undefined} token whether a value ends here, so that a slash would divide */
function endsValue(token) {
  if (token === undefined) return false;
  if (token.kind === 'name') return !OPERATOR_WORDS.has(token.text);
  if (token.kind === 'punctuation') return token.text === ')' || token.text === ']' || token.text === '}';
  return true;
}

/**
 * The tokens of a source text.
 * @param {string} source
 * @returns {Token[]}
 */
export function tokenize(source) {
  /** @type {Token[]} */
  const tokens = [];
  /** How many braces are open inside each `${` that is open. @type {number[]} */
  const substitutions = [];
  let at = 0;
  let line = 1;

  /** @param {RegExp} pattern */
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found === null) return undefined;
    at += found[0].length;
    return found;
  };
  /** @param {Token['kind']} kind @param {string} text @param {string} written */
  const push = (kind, text, written) => {
    tokens.push({ kind, text, line });
    line += written.split('\n').length - 1;
  };
  const templatePiece = () => {
    const piece = take(TEMPLATE_PIECE);
    if (piece === undefined) throw new Error(`line ${line}: a template that never ends`);
    push('template', piece[1] ?? '', piece[0]);
    if (piece[2] === '${') substitutions.push(0);
  };

  if (source.startsWith('#!')) at = source.indexOf('\n');
  while (at < source.length) {
    const blank = take(BLANK);
    if (blank !== undefined) {
      line += blank[0].split('\n').length - 1;
      continue;
    }
    const name = take(NAME);
    if (name !== undefined) {
      push('name', name[0], name[0]);
      continue;
    }
    const number = /[\d.]/.test(source[at] ?? '') ? take(NUMBER) : undefined;
    if (number !== undefined) {
      push('number', number[0], number[0]);
      continue;
    }
    const string = take(STRING);
    if (string !== undefined) {
      push('string', string[1] ?? string[2] ?? '', string[0]);
      continue;
    }
    const regex = source[at] === '/' && !endsValue(tokens.at(-1)) ? take(REGEX) : undefined;
    if (regex !== undefined) {
      push('regex', regex[1] ?? '', regex[0]);
      continue;
    }
    const mark = /** @type {RegExpExecArray} */ (take(PUNCTUATION))[0];
    if (mark === '`') {
      templatePiece();
      continue;
    }
    const depth = substitutions.length - 1;
    if (mark === '}' && substitutions[depth] === 0) {
      substitutions.pop();
      templatePiece();
      continue;
    }
    if (depth >= 0 && mark === '{') substitutions[depth] = (substitutions[depth] ?? 0) + 1;
    if (depth >= 0 && mark === '}') substitutions[depth] = (substitutions[depth] ?? 0) - 1;
    push('punctuation', mark, mark);
  }
  return tokens;
}
