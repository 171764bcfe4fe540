import { z } from 'zod';
import { json, type Route, route } from '../../http/route.js';
import { problemAnswer } from '../../transport/transport.js';
import { redacted } from '../outside-text.js';
import { TEMPLATES } from '../templates.js';
import { type AnsweredBy, good } from './answered-by.js';

const text = z.string().trim().min(1).max(20_000);

/** What the SQL store answers by itself; no key is needed. */
export function sqlRoutes(by: AnsweredBy): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/assistant/templates/{template}',
      summary: 'Answers a usual question of the desk from SQL alone; needs no key.',
      role: 'viewer',
      scope: 'read',
      answer: good('`parts`: title, sql, and columns and rows, or an error.'),
      handle: by(async ({ sql }, _, { parts }) => {
        const template = TEMPLATES.find(({ name }) => name === parts[0]);
        if (template === undefined) return problemAnswer(404, `there is no template '${parts[0]}'`);
        const answered = [];
        for (const part of template.parts) {
          try {
            answered.push({ ...part, ...(await sql.ask(part.sql)) });
          } catch (error) {
            answered.push({ ...part, error: (error as Error).message });
          }
        }
        return json(200, { name: template.name, title: template.title, parts: answered });
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/sql',
      summary: 'One question of the SQL store: at most 1000 rows, 5 seconds. Nothing can be changed.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ sql: text }),
      answer: good('`columns`, `rows`, and whether it was `cut`.'),
      handle: by(async ({ sql }, _, { body }) => {
        try {
          return json(200, await sql.ask(body.sql));
        } catch (error) {
          return problemAnswer(400, redacted((error as Error).message));
        }
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/sql/schema',
      summary: 'Tables and views of the SQL store with the units and meanings of their columns.',
      role: 'viewer',
      scope: 'read',
      answer: good('`tables` and `views`.'),
      handle: by(async ({ sql }) => json(200, await sql.schema())),
    }),
  ];
}
