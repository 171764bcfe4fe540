/** A JSON schema as zod writes it. */
export type Schema = { [key: string]: unknown };

/** What the API's strict mode does not know. It is told in words instead, and held here when the tool is used. */
const TOLD = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'default',
] as const;
const words: Record<(typeof TOLD)[number], string> = {
  minimum: 'at least',
  maximum: 'at most',
  exclusiveMinimum: 'above',
  exclusiveMaximum: 'below',
  minLength: 'characters at least',
  maxLength: 'characters at most',
  pattern: 'like',
  minItems: 'items at least',
  maxItems: 'items at most',
  default: 'if absent',
};
/** Bounds that say nothing: zod gives them to every whole number. */
const SAFE = Number.MAX_SAFE_INTEGER;

/**
 * The same schema for the API's strict mode, in which the model cannot write an input of another shape: objects are closed, and bounds become words.
 * Undefined where the schema has a shape that the mode cannot hold, such as an object of any keys.
 */
export function strictSchema(schema: Schema): Schema | undefined {
  if (
    schema.enum === undefined &&
    schema.type === undefined &&
    schema.anyOf === undefined &&
    schema.const === undefined
  )
    return undefined;
  const strict: Schema = {};
  const told: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'additionalProperties') {
      if (typeof value === 'object') return undefined;
    } else if (key === 'properties') {
      const properties = mapped(value as Record<string, Schema>);
      if (properties === undefined) return undefined;
      strict.properties = properties;
    } else if (key === 'items' || key === 'anyOf') {
      const inner = Array.isArray(value)
        ? value.map((one: Schema) => strictSchema(one))
        : strictSchema(value as Schema);
      if (inner === undefined || (Array.isArray(inner) && inner.includes(undefined))) return undefined;
      strict[key] = inner;
    } else if ((TOLD as readonly string[]).includes(key)) {
      if (Math.abs(Number(value)) !== SAFE) told.push(`${words[key as (typeof TOLD)[number]]} ${String(value)}`);
    } else strict[key] = value;
  }
  if (schema.type === 'object') strict.additionalProperties = false;
  if (told.length > 0)
    strict.description = [schema.description, ...told].filter((part) => part !== undefined).join('; ');
  return strict;
}

function mapped(properties: Record<string, Schema>): Record<string, Schema> | undefined {
  const strict: Record<string, Schema> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const inner = strictSchema(schema);
    if (inner === undefined) return undefined;
    strict[name] = inner;
  }
  return strict;
}
