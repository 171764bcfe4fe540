import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { strictSchema } from './strict-schema.js';
import { describeTool } from './tool.js';
import { TOOLS } from './toolbox.js';

/** Every schema within a schema. */
function within(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(within);
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(within)];
}

describe('the schema of a proposal', () => {
  it.each(TOOLS.filter(({ name }) => name.startsWith('propose_')).map((tool) => [tool.name, tool] as const))(
    '%s is strict: closed objects, no bounds',
    (_name, tool) => {
      const described = describeTool(tool);
      expect(described.strict).toBe(true);
      for (const schema of within(described.input_schema)) {
        if (schema.type === 'object') expect(schema.additionalProperties).toBe(false);
        // A property may be called so; a bound is a number.
        for (const bound of ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'])
          expect(typeof schema[bound]).not.toBe('number');
      }
    },
  );

  it('tells its bounds in words', () => {
    const schema = strictSchema(z.toJSONSchema(z.number().min(1).max(5).describe('of a silence')));
    expect(schema).toMatchObject({ type: 'number', description: 'of a silence; at least 1; at most 5' });
  });

  it('is not strict where the shape is not known before', () => {
    expect(strictSchema(z.toJSONSchema(z.object({ any: z.record(z.string(), z.number()) })))).toBeUndefined();
    expect(strictSchema(z.toJSONSchema(z.object({ any: z.unknown() })))).toBeUndefined();
  });
});
