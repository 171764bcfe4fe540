import type { ByteBuffer } from 'flatbuffers';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { MergeTopic } from '../topics/topic.js';

interface Struct<T> {
  new (): { __init(at: number, buffer: ByteBuffer): T };
}

/** Calls back for every row that a topic has, in the order of keys. The row is only good until the callback returns. */
export function eachRow<T>(
  topic: MergeTopic,
  struct: Struct<T>,
  visit: (row: T, key: number, text: string) => void,
): void {
  const buffer = new ViewBuffer(topic.rows.buffer);
  const row = new struct();
  topic.since(0, (key) => {
    visit(row.__init(key * topic.definition.stride, buffer), key, topic.texts?.[key] ?? '');
  });
}
