import { z } from 'zod';
import { EventTopic, type MergeTopic } from '../topics/topic.js';
import type { TopicSet } from '../topics/topic-set.js';
import type { HttpAnswer, HttpRequest } from '../transport/transport.js';
import { type Route, route } from './route.js';
import { type JsonRow, RowReader, rowSchema } from './rows.js';

const whole = z.coerce.number().int().min(0);
const pageQuery = z.object({
  /** Key, or number of the event, behind which the page begins. */
  after: whole.optional(),
  limit: z.coerce.number().int().min(1).max(5000).default(1000),
});

/** Answers that are kept, so that what has not changed is not written again. */
const MOST_PAGES = 64;

/** A page of every topic, by its name. The newest values, or events from a number on. */
export function readRoutes(topics: TopicSet, epoch: number): Route[] {
  return topics.topics.map((topic) => {
    const { name, role, row, class: kind } = topic.definition;
    const pages = new Pages(topic, epoch);
    return route({
      method: 'GET',
      path: `/api/v1/${name}`,
      summary:
        kind === 'EVENT' ? `The last ${name}, oldest first.` : `The newest of ${name}, by key; ${row} of the schemas.`,
      role,
      scope: 'read',
      query: pageQuery,
      answer: { status: 200, description: 'A page; `next` is the `after` of the next one.', schema: rowSchema(row) },
      handle: ({ request, query }) => {
        topics.pollOf(topic);
        return pages.answer(request, query);
      },
    });
  });
}

class Pages {
  private readonly topic: MergeTopic | EventTopic;
  private readonly epoch: number;
  private readonly reader: RowReader;
  private readonly kept = new Map<string, { tag: string; answer: HttpAnswer }>();

  constructor(topic: MergeTopic | EventTopic, epoch: number) {
    this.topic = topic;
    this.epoch = epoch;
    this.reader = new RowReader(topic);
  }

  answer(request: HttpRequest, query: z.output<typeof pageQuery>): HttpAnswer {
    const { topic, epoch, kept } = this;
    const tag = `"${epoch.toString(36)}-${topic.version.toString(36)}"`;
    if (request.header('if-none-match') === tag) return { status: 304, headers: { etag: tag }, body: '' };
    const key = `${query.after ?? ''}/${query.limit}`;
    const before = kept.get(key);
    if (before?.tag === tag) return before.answer;
    const { rows, next } = this.page(query.after, query.limit);
    const page = { topic: topic.definition.name, epoch, version: topic.version, next, rows };
    const answer = {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache', etag: tag },
      // As bytes: an answer that is kept is encoded once.
      body: Buffer.from(`${JSON.stringify(page)}\n`),
    };
    if (kept.size >= MOST_PAGES) kept.clear();
    kept.set(key, { tag, answer });
    return answer;
  }

  private page(after: number | undefined, limit: number): { rows: JsonRow[]; next: number | null } {
    const { topic, reader } = this;
    const rows: JsonRow[] = [];
    if (topic instanceof EventTopic) {
      let event =
        after === undefined ? Math.max(topic.oldest, topic.version - limit + 1) : Math.max(after + 1, topic.oldest);
      for (; event <= topic.version && rows.length < limit; event++) rows.push(reader.at(topic.placeOf(event), event));
      return { rows, next: event <= topic.version ? event - 1 : null };
    }
    let next: number | null = null;
    let last = 0;
    topic.since(0, (key) => {
      if (after !== undefined && key <= after) return;
      if (rows.length < limit) {
        rows.push(reader.at(key, key));
        last = key;
      } else next ??= last;
    });
    return { rows, next };
  }
}
