// Core code is a pure function of the log: no clock, no randomness, no environment, no arithmetic that differs
// between Node versions. This check holds it there.
import { isOwnTypeScript, isTest, isTestSupport, readSources } from './sources.mjs';
import { tokenize } from './tokens.mjs';

export const title = 'determinism of core code';

/** Folders whose code must be deterministic: the core's stages, the trade's knowledge and the simulated world. */
const CORE = ['actors/', 'engine/market/', 'engine/quant/'];

/**
 * Actors that own sockets, files or clocks. What they learn reaches the core through the log. A sub-folder is named where the
 * rest of its actor is deterministic.
 */
// biome-ignore format: one row a family
const IO_ACTORS = [
  'alerts', 'calibrator', 'commands', 'display', 'execution', 'feed', 'killer', 'recorder', 'recording-server', 'session', 'snapshots',
  'venue-sim/api', 'venue-sim/chaos/server',
];

/** Parts of the runtime that know the time or the machine. Only the sequencer, whose clock is configuration, may hold one. */
const RUNTIME_OF_THE_HOST = /\/engine\/runtime\/(clock|native|wait)\//;
const HOLDS_THE_CLOCK = 'actors/sequencer/';

const CLOCK = 'time in the core is event time, from the log';
const ENVIRONMENT = 'the core knows only the log and its configuration';
const TIMER = 'a timer of the core is an event in the log';

/** Globals that differ from run to run. @type {Map<string, string>} */
const GLOBALS = new Map([
  ['Date', CLOCK],
  ['performance', CLOCK],
  ['Temporal', CLOCK],
  ['setTimeout', TIMER],
  ['setInterval', TIMER],
  ['setImmediate', TIMER],
  ['queueMicrotask', TIMER],
  ['process', ENVIRONMENT],
  ['globalThis', ENVIRONMENT],
  ['navigator', ENVIRONMENT],
  ['require', ENVIRONMENT],
  ['Intl', 'it follows the locale of the machine'],
  ['crypto', 'random numbers come from the seeded generator in the actor state'],
  ['WeakRef', 'it follows the garbage collector'],
  ['FinalizationRegistry', 'it follows the garbage collector'],
]);

/** Globals that cannot be called: with a parenthesis they are a method of somebody's own. */
const OBJECTS = new Set(['process', 'performance', 'navigator', 'crypto']);

/** Methods that follow the machine's language. */
const LANGUAGE = ['localeCompare', 'toLocaleString', 'toLocaleDateString', 'toLocaleUpperCase', 'toLocaleLowerCase'];

/** Methods that follow the machine's time zone; their siblings with UTC in their names do not. */
const TIME_ZONE = [
  'getTimezoneOffset',
  ...['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes'].flatMap((part) => [`get${part}`, `set${part}`]),
];
const LOCALE_METHODS = new Set([...LANGUAGE, ...TIME_ZONE]);

/**
 * What of Math is exact by its definition, or agreed bit for bit between the supported Node versions
 * (math-agreement.test.ts holds that).
 */
// biome-ignore format: one row a family
export const AGREED_FUNCTIONS = /** @type {const} */ ([
  'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'cbrt', 'hypot',
  'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2',
  'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh',
]);
const MATH = new Set([
  ...AGREED_FUNCTIONS,
  ...['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'],
  ...['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'],
]);

/**
 * Whether `Date` is only the calendar here: `Date.UTC(...)`, or `new Date(x)` of one given moment.
 * @param {import('./tokens.mjs').Token[]} tokens @param {number} index of `Date`
 */
function isCalendar(tokens, index) {
  const after = tokens[index + 1]?.text;
  if (after === '.') return tokens[index + 2]?.text === 'UTC';
  if (after !== '(' || tokens[index - 1]?.text !== 'new') return false;
  let depth = 0;
  for (let at = index + 1; at < tokens.length; at++) {
    const { kind, text } = /** @type {import('./tokens.mjs').Token} */ (tokens[at]);
    if (kind === 'string' || kind === 'template') return false;
    if (text === ',' && depth === 1) return false;
    if (text === '(') depth++;
    if (text === ')' && --depth === 0) return at > index + 2;
  }
  return false;
}

/** Whether a file must be deterministic. @param {string} path */
export function isCore(path) {
  if (!isOwnTypeScript(path) || isTest(path) || isTestSupport(path)) return false;
  if (IO_ACTORS.some((name) => path.startsWith(`actors/${name}/`) || path === `actors/${name}.ts`)) return false;
  return CORE.some((folder) => path.startsWith(folder));
}

/**
 * What in one source is not deterministic.
 * @param {import('./sources.mjs').Source} source
 * @returns {import('./sources.mjs').Problem[]}
 */
export function inspect({ path, text }) {
  const tokens = tokenize(text);
  /** @type {import('./sources.mjs').Problem[]} */
  const problems = [];
  tokens.forEach((token, index) => {
    const { kind, text: word, line } = token;
    const before = tokens[index - 1]?.text;
    const after = tokens[index + 1]?.text;
    /** @param {string} message */
    const report = (message) => problems.push({ path, line, message });

    const isImport = kind === 'string' && (before === 'from' || before === 'import' || before === '(');
    if (kind === 'punctuation' && (word === '**' || word === '**=')) {
      report(`'${word}' differs between Node versions: multiply, or use pow of engine/quant`);
    } else if (isImport && word.startsWith('node:')) {
      report(`'${word}' does not belong in core code: ${ENVIRONMENT}`);
    } else if (isImport && RUNTIME_OF_THE_HOST.test(word) && !path.startsWith(HOLDS_THE_CLOCK)) {
      report(`'${word}' does not belong in core code: only the sequencer holds a clock`);
    } else if (kind === 'name') {
      const isMember = before === '.' || before === '?.';
      const colon = after === '?' ? tokens[index + 2]?.text : after;
      const isKey = colon === ':' && before !== '?';
      if (isMember && LOCALE_METHODS.has(word)) report(`'${word}' follows the language or time zone of the machine`);
      if (isMember || isKey) return;
      if (word === 'Date' && isCalendar(tokens, index)) return;
      const reason = after === '(' && OBJECTS.has(word) ? undefined : GLOBALS.get(word);
      if (reason !== undefined) report(`'${word}' does not belong in core code: ${reason}`);
      if (word === 'Math') {
        const member = after === '.' || after === '?.' ? tokens[index + 2]?.text : undefined;
        if (member === undefined) report('Math must be used member by member, so that each function can be checked');
        else if (member === 'random')
          report("'Math.random': random numbers come from the seeded generator in the actor state");
        else if (member === 'pow')
          report("'Math.pow' differs between Node versions: multiply, or use pow of engine/quant");
        else if (!MATH.has(member)) report(`'Math.${member}' is not known to agree between Node versions`);
      }
    }
  });
  return problems;
}

/** @param {string} root */
export function check(root) {
  return readSources(root, isCore).flatMap(inspect);
}
