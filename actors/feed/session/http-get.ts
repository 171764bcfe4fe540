import { OutsideCall, RefusedForGood } from '../../../engine/telemetry/outside/outside-call.js';

const TIMEOUT_MS = 10_000;
/** An answer that is longer is given up. */
const MOST_BYTES = 32 << 20;

/** Who asks tries again by itself, and later each time. */
const POLICY = { timeoutMs: TIMEOUT_MS, retries: 0, failures: 10, openMs: 5000, atOnce: 8, waiting: 64 };
let outside: OutsideCall | undefined;

/** Asks for JSON by HTTP GET. Rejects where the venue refuses, where it takes too long, and where the answer never ends. */
export function getJson(url: string): Promise<unknown> {
  outside ??= new OutsideCall('venue REST', POLICY);
  return outside.call((signal) => get(url, signal));
}

async function get(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`GET ${url}: an answer of more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (!response.ok) {
    const message = `GET ${url}: ${response.status} ${text.slice(0, 200)}`;
    // A request that the venue understood and will not answer is no sign that it is ill.
    throw response.status < 500 && response.status !== 429 ? new RefusedForGood(message) : new Error(message);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`GET ${url}: the answer is no JSON: ${text.slice(0, 100)}`);
  }
}
