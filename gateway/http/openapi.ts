import { z } from 'zod';
import type { Route } from './route.js';

const problem = {
  type: 'object',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
  },
};

/** The OpenAPI 3.1 document of these routes: what it says of requests is made from the schemas that check them. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'volfilter', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'vf_session' },
      },
    },
  };
}

function operation(route: Route): object {
  const parameters: object[] = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  if (route.query !== undefined) {
    const { properties = {} } = z.toJSONSchema(route.query, { io: 'input' });
    for (const [name, schema] of Object.entries(properties)) {
      parameters.push({ name, in: 'query', required: false, schema });
    }
  }
  const { status, description, schema } = route.answer;
  const content = schema === undefined ? {} : { content: { 'application/json': { schema } } };
  return {
    summary: route.summary,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-z0-9]+/gi, '_')}`,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { 'application/json': { schema: z.toJSONSchema(route.body, { io: 'input' }) } } } }),
    responses: {
      [status]: { description, ...content },
      default: {
        description: 'What went wrong.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
    security: route.role === undefined ? [] : [{ token: [] }, { session: [] }],
    ...(route.role === undefined ? {} : { 'x-role': route.role, 'x-scope': route.scope ?? 'read' }),
  };
}
