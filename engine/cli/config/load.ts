import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { UserError } from '../user-error.js';
import { lineOfFault, linesOfKeys } from './json-lines.js';
import { nearest } from './nearest.js';
import { type Config, type ConfigValue, configSchema, keysOf } from './schema.js';

/** The file that is read where no other is named. */
const CONFIG_FILE = 'volfilter.json';

/** A value and where it was said. */
export interface Setting {
  value: ConfigValue;
  from: string;
}

const EXIT_USAGE = 2;
const PREFIX = 'VOLFILTER_RUN_';

/** `archiveAfter` as `VOLFILTER_RUN_ARCHIVE_AFTER`. */
export function variableOf(key: string): string {
  return PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** The file to be read: the named one, that of VOLFILTER_CONFIG, or the usual one where it is there. */
export function configFile(named: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  const file = named ?? environment.VOLFILTER_CONFIG;
  if (file !== undefined && !existsSync(file)) {
    throw new UserError(
      `there is no configuration at '${file}': name another with --config or VOLFILTER_CONFIG`,
      EXIT_USAGE,
    );
  }
  return file ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : undefined);
}

/** What `run` was given by file and environment, which goes before the file. Every fault is told, each on a line. */
export function loadSettings(file: string | undefined, environment: NodeJS.ProcessEnv): Map<string, Setting> {
  const faults: string[] = [];
  const settings = new Map<string, Setting>();
  if (file !== undefined) {
    const { config, faults: found } = readConfig(textOf(file), file);
    faults.push(...found);
    for (const [key, value] of Object.entries(config?.run ?? {})) {
      if (value !== undefined) settings.set(key, { value, from: file });
    }
  }
  const keys = keysOf('run');
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined) continue;
    const key = keys.find((each) => variableOf(each) === name);
    if (key === undefined) {
      faults.push(unknownKey(`environment: '${name}'`, name, keys.map(variableOf)));
      continue;
    }
    const value = settingOf(key, text);
    if (value === undefined) faults.push(`environment: '${name}' is '${text}'; ${allowed(['run', key])}`);
    else settings.set(key, { value, from: name });
  }
  if (faults.length > 0) throw new UserError(faults.join('\nvolfilter: '), EXIT_USAGE);
  return settings;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`the configuration '${file}' cannot be read: ${(error as Error).message}`, EXIT_USAGE);
  }
}

/** Reads a configuration; what is wrong is told with its line, its key, what is allowed, and the nearest key. */
export function readConfig(text: string, file: string): { config?: Config; faults: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const [message] = (error as Error).message.split('\n');
    return { faults: [`${file}:${lineOfFault(text)}: this is no JSON: ${message}`] };
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return { config: parsed.data, faults: [] };
  const lines = linesOfKeys(text);
  const faults = parsed.error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    const at = (of: readonly string[]): string => `${file}:${lines.get(of.join('.')) ?? 1}:`;
    if (issue.code === 'unrecognized_keys') {
      const known = path.length === 0 ? Object.keys(configSchema.shape) : keysOf('run');
      return issue.keys.map((key) => unknownKey(`${at([...path, key])} '${[...path, key].join('.')}'`, key, known));
    }
    if (path.length === 0) return [`${file}:1: expected an object with the section 'run'`];
    const found = JSON.stringify(path.reduce<unknown>((of, key) => (of as Record<string, unknown>)[key], value));
    return [`${at(path)} '${path.join('.')}' is ${found}; ${allowed(path)}`];
  });
  return { faults };
}

function unknownKey(where: string, key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `${where} is not known;${near === undefined ? '' : ` did you mean '${near}'?`} allowed: ${known.join(', ')}`;
}

function schemaOf(key: string): z.ZodType {
  return (configSchema.shape.run.unwrap().shape as Record<string, z.ZodType>)[key]!;
}

/** An environment's text as the schema wants it: what reads as JSON is tried as that first. */
function settingOf(key: string, text: string): ConfigValue | undefined {
  const tries: unknown[] = [text];
  if (/^(true|false|-?\d+(\.\d+)?)$/.test(text)) tries.unshift(JSON.parse(text));
  for (const each of tries) {
    const parsed = schemaOf(key).safeParse(each);
    if (parsed.success) return parsed.data as ConfigValue;
  }
  return undefined;
}

/** What may stand at a key, in words. */
function allowed(path: readonly string[]): string {
  const [section, key] = path;
  if (section !== 'run' || key === undefined) return 'allowed: an object of options';
  const schema = configSchema.shape.run.unwrap().shape;
  if (key === 'mode') return `allowed: ${schema.mode.unwrap().options.join(', ')}`;
  const json = schemaOf(key).toJSONSchema() as JsonSchema;
  return `allowed: ${inWords(json)}`;
}

interface JsonSchema {
  type?: string;
  const?: unknown;
  anyOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  pattern?: string;
}

function inWords(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(inWords).join(' or ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'string') return schema.pattern === undefined ? 'a text' : "a size such as '500MB'";
  const kind = schema.type === 'integer' ? 'a whole number' : 'a number';
  const least = schema.exclusiveMinimum !== undefined ? ` above ${schema.exclusiveMinimum}` : ` from ${schema.minimum}`;
  const most =
    schema.maximum === undefined || schema.maximum === Number.MAX_SAFE_INTEGER ? '' : ` up to ${schema.maximum}`;
  return `${kind}${least}${most}`;
}
