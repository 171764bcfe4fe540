// Writes docs/commands.md from the commands' own options, and docs/rest.md from the gateway's OpenAPI document. usage: npm run reference
import { writeFileSync } from 'node:fs';
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
 * @property {readonly { flags: string, description: string, defaultValue?: unknown, argChoices?: readonly string[] | undefined, hidden: boolean }[]} options
 * @property {readonly { name: () => string, description: string, defaultValue?: unknown }[]} registeredArguments
 * @property {readonly CommandLike[]} commands
 */

/** A cell of a table. @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

/** @param {unknown} value */
function usual(value) {
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
      .map(({ flags, description, argChoices, defaultValue }) => [
        flags,
        argChoices === undefined ? description : `${description} (${argChoices.join(', ')})`,
        usual(defaultValue),
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

if (argv[1] === fileURLToPath(import.meta.url)) {
  /** @param {string} path */
  const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
  const { loadCommands } = await built('engine/cli/program.js');
  const { GatewayDesk } = await built('gateway/testing/gateway-desk.js');
  writeFileSync(join(root, 'docs', 'commands.md'), commandReference(await loadCommands()));
  writeFileSync(join(root, 'docs', 'rest.md'), restReference(new GatewayDesk().gateway.document()));
}
