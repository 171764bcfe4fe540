/** Longest text of one cell that goes to the model, characters. */
const LONGEST_TEXT = 500;
/** Largest result of a tool that goes to the model, characters of JSON. */
export const LARGEST_RESULT = 24_000;
const DEEPEST = 8;

/** Fields that name an account or a secret: they go nowhere. */
const PRIVATE_FIELD =
  /^(account|accounts|account_?id|client_?id|user_?id|api_?key|key|secret|token|password|nonce|ticket|csrf)$/i;

/** Texts that look like a secret, whatever they stand in: keys of the API, bearer tokens, the gateway's own secrets. */
const SECRETS: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\bBearer\s+\S+/gi,
  /\b(client_?secret|api_?key|password|refresh_token|access_token)\b["']?\s*[:=]\s*["']?[^\s"',}]+/gi,
  /\b[0-9a-f]{32,}\b/gi,
  // 256 bits in base64url, as this gateway's secrets are.
  /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{43}(?![\w-])/g,
];

/** Takes out what looks like a secret. */
export function redacted(text: string): string {
  return SECRETS.reduce((left, secret) => left.replace(secret, '[redacted]'), text);
}

/**
 * A text from outside (an instrument's name, a venue's words, a cell, a log line) as it may go to the model: on one line, without control
 * and format characters, which hide words from people who look at it, without secrets, and no longer than it may be.
 */
export function cleanText(text: string): string {
  const plain = redacted(
    text
      .normalize('NFKC')
      .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
      .replace(/[\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu, ''),
  );
  return plain.length > LONGEST_TEXT ? `${plain.slice(0, LONGEST_TEXT)} [cut]` : plain;
}

/** A value with every text in it cleaned, and private fields taken out. What is no number is null. */
export function cleanValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (depth >= DEEPEST) return '[too deep]';
  if (Array.isArray(value)) return value.map((one) => cleanValue(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !PRIVATE_FIELD.test(name))
      .map(([name, one]) => [cleanText(name), cleanValue(one, depth + 1)]),
  );
}

/**
 * A tool's result as JSON of at most `LARGEST_RESULT` characters. Where it is larger its `rows` are shortened, and `truncated` says so;
 * a result without rows that is too large is replaced by words.
 */
export function resultText(result: object): string {
  const clean = cleanValue(result) as Record<string, unknown>;
  const whole = JSON.stringify(clean);
  if (whole.length <= LARGEST_RESULT) return whole;
  const { rows } = clean;
  if (!Array.isArray(rows)) return JSON.stringify({ ref: clean.ref, error: 'the result is too large: ask for less' });
  const frame = JSON.stringify({ ...clean, rows: [], truncated: true, rowsInAll: rows.length }).length;
  let room = LARGEST_RESULT - frame - 16;
  const kept: unknown[] = [];
  for (const row of rows) {
    room -= JSON.stringify(row).length + 1;
    if (room < 0) break;
    kept.push(row);
  }
  return JSON.stringify({ ...clean, rows: kept, truncated: true, rowsInAll: rows.length });
}
