const TIMEOUT_MS = 10_000;
/** An answer that is longer is given up. */
const MOST_BYTES = 32 << 20;

/** Asks for JSON by HTTP GET. Rejects where the venue refuses, where it takes too long, and where the answer never ends. */
export async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`GET ${url}: an answer of more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${text.slice(0, 200)}`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`GET ${url}: the answer is no JSON: ${text.slice(0, 100)}`);
  }
}
