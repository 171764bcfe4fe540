import { z } from 'zod';

const secret = z.string().regex(/^(env|file):.+$/, "expected 'env:NAME' or 'file:PATH'");
const name = z.string().regex(/^[A-Za-z_]\w*(-\w+)*$/, 'expected a name of letters, digits and hyphens');
const limits = {
  perMinute: z.number().positive().max(6000).optional(),
  retries: z.number().int().min(0).max(10).optional(),
  timeoutMs: z.number().int().min(100).max(60_000).optional(),
};

/** Where alerts are told. No secret stands in it: only where each one is found. */
const sinkConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('log'), name, ...limits }),
  z.strictObject({
    kind: z.literal('webhook'),
    name,
    url: z.url({ protocol: /^https?$/, error: 'expected an http or https URL' }),
    /** Key of the signature; without it nothing is signed. */
    secretFrom: secret.optional(),
    ...limits,
  }),
  z.strictObject({
    kind: z.literal('email'),
    name,
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535),
    secure: z.boolean().default(false),
    user: z.string().optional(),
    passwordFrom: secret.optional(),
    from: z.string().min(3),
    to: z.array(z.string().min(3)).min(1),
    ...limits,
  }),
]);
export type SinkConfig = z.infer<typeof sinkConfig>;

/** Reads a list of sinks from JSON text. Throws an Error that names each field that is wrong. */
export function parseSinks(text: string): SinkConfig[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new Error(`expected a JSON list of sinks: ${(error as Error).message}`);
  }
  const parsed = z.array(sinkConfig).safeParse(data);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `sinks[${path.join('.')}]: ${message}`).join('\n'));
  }
  const names = parsed.data.map((sink) => sink.name);
  const twice = names.find((one, index) => names.indexOf(one) !== index);
  if (twice !== undefined) throw new Error(`two sinks are called '${twice}'`);
  return parsed.data;
}
