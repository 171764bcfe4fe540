// Writes docs/commands.md from the commands' own options, docs/rest.md from the gateway's OpenAPI document, and limits and checks, for readers and for the
// terminal, from their registries. usage: npm run reference
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What is read of commander's commands.
 * @typedef {object} CommandLike
 * @property {() => string} name
 * @property {() => string} description
 * @property {() => string} usage
 * @property {readonly { flags: string, description: string, defaultValue?: unknown, defaultValueDescription?: string, argChoices?: readonly string[] | undefined, hidden: boolean }[]} options
 * @property {readonly { name: () => string, description: string, defaultValue?: unknown }[]} registeredArguments
 * @property {readonly CommandLike[]} commands
 */

/** A cell of a table. @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

/** @param {unknown} value @param {string | undefined} [words] what stands for it in words */
function usual(value, words) {
  if (words !== undefined) return `\`${words}\``;
  if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** @param {CommandLike} command @param {string} before @param {string} level @returns {string[]} */
function section(command, before, level) {
  const name = `${before} ${command.name()}`;
  const rows = [
    ...command.registeredArguments.map((each) => [each.name(), each.description, usual(each.defaultValue)]),
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map(({ flags, description, argChoices, defaultValue, defaultValueDescription }) => [
        flags,
        argChoices === undefined ? description : `${description} (${argChoices.join(', ')})`,
        usual(defaultValue, defaultValueDescription),
      ]),
  ];
  const table = rows.map(
    ([what = '', means = '', otherwise = '']) =>
      `| \`${what.replaceAll('|', '\\|')}\` | ${cell(means)} | ${otherwise} |`,
  );
  return [
    `${level} ${name}`,
    '',
    `${command.description()}.`,
    '',
    '```sh',
    `${name} ${command.usage()}`,
    '```',
    '',
    ...(table.length === 0 ? [] : ['| option | meaning | default |', '|---|---|---|', ...table, '']),
    ...command.commands.filter((each) => each.name() !== 'help').flatMap((each) => section(each, name, `${level}#`)),
  ];
}

/** The reference of all commands. @param {readonly CommandLike[]} commands */
export function commandReference(commands) {
  return `${[
    '# Commands',
    '',
    'Every command and option, written by `npm run reference` from the program itself. `volfilter <command> --help` says the same.',
    '',
    ...commands.flatMap((command) => section(command, 'volfilter', '##')),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

/**
 * What is read of an OpenAPI document.
 * @typedef {{ name: string, in: string, schema: { type?: string, description?: string } }} Parameter
 * @typedef {{ type?: string, description?: string, enum?: unknown[], const?: unknown }} Property
 * @typedef {{ properties?: Record<string, Property>, required?: string[] }} Body
 * @typedef {{ summary: string, parameters?: Parameter[], requestBody?: { content: Record<string, { schema: Body }> }, responses: Record<string, { description: string }>, 'x-role'?: string, 'x-scope'?: string }} Operation
 */

/** @param {Property} property */
function typeOf({ type, enum: values, const: value }) {
  if (values !== undefined) return values.map((each) => `\`${String(each)}\``).join(', ');
  return value === undefined ? (type ?? 'see the document') : `\`${String(value)}\``;
}

/** The reference of the gateway's routes. @param {{ paths: Record<string, Record<string, Operation>> }} document */
export function restReference({ paths }) {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const { summary, parameters = [], requestBody, responses } = operation;
      const body = requestBody?.content['application/json']?.schema;
      const rows = [
        ...parameters.map((each) => `| \`${each.name}\` | ${each.in} | ${cell(each.schema.type ?? '')} |`),
        ...Object.entries(body?.properties ?? {}).map(
          ([name, each]) =>
            `| \`${name}\` | body${body?.required?.includes(name) === true ? ', needed' : ''} | ${cell(typeOf(each))} |`,
        ),
      ];
      const [status, answer] = Object.entries(responses).find(([code]) => code !== 'default') ?? [
        '',
        { description: '' },
      ];
      const who = operation['x-role'];
      return [
        `## ${method.toUpperCase()} ${path}`,
        '',
        summary,
        '',
        who === undefined ? 'For anybody who reaches the port.' : `Role \`${who}\`, scope \`${operation['x-scope']}\`.`,
        `Answers ${status}: ${answer.description}`,
        '',
        ...(rows.length === 0 ? [] : ['| field | in | type |', '|---|---|---|', ...rows, '']),
      ];
    }),
  );
  return `${[
    '# REST',
    '',
    'Every route of the gateway, written by `npm run reference` from its OpenAPI document, which `GET /api/v1/openapi.json` gives in full. [gateway.md](gateway.md) explains signing in, commands,',
    'and the protocol on the WebSocket. What goes wrong is answered as `application/problem+json`.',
    '',
    ...routes,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

/**
 * What is read of the registry of limits and of the checks.
 * @typedef {{ unit: string, check: string, initial: number, meaning: string, laxerIsSmaller?: true }} LimitLike
 * @typedef {{ code: number, scope: number, meaning: string }} CheckLike
 */

const SCOPES = ['order', 'instrument', 'expiry', 'underlying', 'strategy', 'everything'];
const LIMITS_BEGIN = '| limit | unit | meaning |\n|---|---|---|\n';

/** Every limit with its check, and the checks that have none. @param {Record<string, LimitLike>} limits @param {Record<string, CheckLike>} checks @param {(name: string) => string} actionOf */
export function limitReference(limits, checks, actionOf) {
  const held = new Set(Object.values(limits).map(({ check }) => check));
  const rows = Object.entries(limits).map(([name, { unit, check, initial, meaning, laxerIsSmaller }]) => {
    const { code = 0, scope = 0 } = checks[check] ?? {};
    const lax = laxerIsSmaller === true ? '; smaller is laxer' : '';
    return `| \`${name}\` | ${SCOPES[scope]} | ${unit} | ${initial.toLocaleString('en-US')} | ${actionOf(name)} | ${code} \`${check}\` | ${cell(meaning)}${lax} |`;
  });
  const others = Object.entries(checks)
    .filter(([name]) => !held.has(name))
    .map(([name, { code, scope, meaning }]) => `| ${code} \`${name}\` | ${SCOPES[scope]} | ${cell(meaning)} |`);
  return [
    '# Limits',
    '',
    'Every limit of risk and every check, written by `npm run reference` from `engine/market/risk/limits.ts` and `risk-code.ts`. A limit that is added there is asked of every configuration, and stands in the',
    'commands, the REST interface, the page LIM and the metric `volfilter_limit` by itself. The defaults are those of the shipped configuration, a small desk on the simulated venue. A configuration states all',
    'limits or none; with none nothing that adds risk is sent, and one that misses some is an error that names them. Lowering holds at once; raising takes a second step.',
    '',
    '| limit | of | unit | default | what it does | code | meaning |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Checks without a limit',
    '',
    'They refuse.',
    '',
    '| code | of | meaning |',
    '|---|---|---|',
    ...others,
    '',
    '## Held elsewhere',
    '',
    '| what | where |',
    '|---|---|',
    '| credits of the venue, order to volume, headroom for cancels, quotes of one instrument | dispatch and the orders stage: what does not fit is not asked for |',
    '| what is unknown, reconciliation, sessions, heartbeats, what must be armed | the orders stage: `NOT_READY` until it is known |',
    '| age, error and arbitrage of a surface, volatility outside its bands | the filter: flags that make a theoretical value `THEO_UNUSABLE` |',
    '| stalled threads, full rings, a lost recorder, a dead parent | the supervisor and the killer: no new risk, then the latch |',
    '| clips, bands, urgency and cost of a hedge, stale references | the hedger by its settings; `hedgeOrderUsd`, `hedgesPerMinute` and `hedgeSlippageUsd` bound it |',
    '| spreads and the least edge of a quote | the quoter by its settings; `fromTheoVol`, `fromTheoTicks` and `fromMarkVol` bound it |',
    '',
    'Margin after a fill is our own count of the standard margin that Deribit states (`engine/market/margin`), which the simulated venue reckons with too. An account under portfolio margin, as the simulated venue gives, nets its positions in ways that only the venue works out: `marginUse` and `maintenanceUse` hold what it tells of it (a margin that it does not tell is beyond them once anything needs margin), and `scenarioLossUsd` a grid of our own.',
    '',
  ].join('\n');
}

/** The guide with its table of limits as the registry has them. @param {string} guide @param {Record<string, LimitLike>} limits */
export function guideWithLimits(guide, limits) {
  const from = guide.indexOf(LIMITS_BEGIN) + LIMITS_BEGIN.length;
  const rows = Object.entries(limits).map(([name, { unit, meaning }]) => `| \`${name}\` | ${unit} | ${meaning} |\n`);
  return `${guide.slice(0, from)}${rows.join('')}${guide.slice(guide.indexOf('\n\n', from) + 1)}`;
}

/** Text of a string in the code, in the quotes that the formatter gives it. @param {string} text */
const quoted = (text) => (text.includes("'") ? `"${text}"` : `'${text}'`);

/** A list of the code, on lines of its own where it is longer than the formatter allows. @param {readonly string[]} parts */
function listed(parts) {
  const line = `  [${parts.join(', ')}],`;
  return line.length <= 120 ? [line] : ['  [', ...parts.map((part) => `    ${part},`), '  ],'];
}

/** The limits as the terminal calls them. @param {Record<string, LimitLike>} limits */
export function limitNames(limits) {
  return `${[
    "/** A limit's name in the engine, its unit, and what it holds, by its number in messages. Written by `npm run reference`; a test holds them to the engine's own list. */",
    'export const limitNames: readonly (readonly [name: string, unit: string, meaning: string])[] = [',
    ...Object.entries(limits).flatMap(([name, { unit, meaning }]) =>
      listed([quoted(name), quoted(unit), quoted(meaning)]),
    ),
    '];',
  ].join('\n')}\n`;
}

/** What risk refuses, as the terminal says it. @param {Record<string, CheckLike>} checks */
export function refusalNames(checks) {
  return `${[
    "/** What risk refuses, by the code in messages. Written by `npm run reference`; a test holds them to the engine's own list. */",
    'export const refusalNames: ReadonlyMap<number, string> = new Map([',
    ...Object.values(checks).flatMap(({ code, meaning }) => listed([String(code), quoted(meaning)])),
    ']);',
  ].join('\n')}\n`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  /** @param {string} path */
  const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
  const { loadCommands } = await built('engine/cli/program.js');
  const { GatewayDesk } = await built('gateway/testing/gateway-desk.js');
  writeFileSync(join(root, 'docs', 'commands.md'), commandReference(await loadCommands()));
  writeFileSync(join(root, 'docs', 'rest.md'), restReference(new GatewayDesk().gateway.document()));
  const { LIMITS, actionOf } = await built('engine/market/risk/limits.js');
  const { CHECKS } = await built('engine/market/risk/risk-code.js');
  const guide = join(root, 'docs', 'guide.md');
  writeFileSync(join(root, 'docs', 'limits.md'), limitReference(LIMITS, CHECKS, actionOf));
  writeFileSync(guide, guideWithLimits(readFileSync(guide, 'utf8'), LIMITS));
  writeFileSync(join(root, 'ui', 'pages', 'limit-names.ts'), limitNames(LIMITS));
  writeFileSync(join(root, 'ui', 'pages', 'refusal-names.ts'), refusalNames(CHECKS));
}
