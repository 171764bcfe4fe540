import { z } from 'zod';

const id = z.number().int().min(0).max(0xffffffff);
const topic = z.string().max(64);
const hz = z.union([z.literal(1), z.literal(4), z.literal(10), z.literal(30)]);
const answer = z.string().min(1).max(40);
const secret = z.string().min(1).max(512);

/** What a client may say. */
const controlMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), ticket: secret.optional(), token: secret.optional() }),
  z.strictObject({
    type: z.literal('subscribe'),
    id,
    topic,
    hz: hz.default(10),
    from: z.strictObject({ epoch: id, seq: z.number().int().min(0) }).optional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id, topic }),
  z.strictObject({ type: z.literal('resync'), id, topic }),
  z.strictObject({ type: z.literal('rate'), id, topic, hz }),
  z.strictObject({ type: z.literal('follow'), id, answer, after: z.number().int().min(0).default(0) }),
  z.strictObject({ type: z.literal('leave'), id, answer }),
  z.strictObject({ type: z.literal('ack'), frames: z.number().int().min(0) }),
]);

export type ControlMessage = z.infer<typeof controlMessage>;

/** The message in a text; a sentence where there is none. */
export function parseControl(text: string): ControlMessage | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'a control message is JSON';
  }
  const parsed = controlMessage.safeParse(value);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error).slice(0, 300);
}
