/** The line, from 1, on which each key of a valid JSON text stands; keys by their path, joined with dots. */
export function linesOfKeys(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  /** Key in force at each depth; undefined in a list. */
  const path: (string | undefined)[] = [];
  let line = 1;
  let last: { text: string; line: number } | undefined;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,\n]/g)) {
    if (token === '\n') line++;
    else if (token.startsWith('"')) last = { text: JSON.parse(token) as string, line };
    else if (token === '{' || token === '[') path.push(undefined);
    else if (token === '}' || token === ']') path.pop();
    else if (token === ':' && last !== undefined) {
      path[path.length - 1] = last.text;
      lines.set(path.filter((key) => key !== undefined).join('.'), last.line);
    }
  }
  return lines;
}

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const KEY = /"(?:[^"\\\n]|\\.)*"/y;

/** The line, from 1, of the first thing that does not belong in a JSON text. The host's own message does not always say it. */
export function lineOfFault(text: string): number {
  let at = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return false;
    at += found[0].length;
    return true;
  };
  const is = (character: string): boolean => {
    eat(SPACE);
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const members = (end: string, member: () => boolean): boolean => {
    if (is(end)) return true;
    do if (!member()) return false;
    while (is(','));
    return is(end);
  };
  const value = (): boolean => {
    if (is('{')) {
      return members('}', () => {
        eat(SPACE);
        return eat(KEY) && is(':') && value();
      });
    }
    if (is('[')) return members(']', value);
    eat(SPACE);
    return eat(SCALAR);
  };
  value();
  eat(SPACE);
  return text.slice(0, at).split('\n').length;
}
