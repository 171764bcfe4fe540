import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Notice } from '../notice.js';
import { RefusedError, type Sink } from './sink.js';

export const SIGNATURE_HEADER = 'x-volfilter-signature';
export const TIMESTAMP_HEADER = 'x-volfilter-timestamp';
const TOO_EARLY_STATUSES = [408, 425, 429];

/** `v1=` and the HMAC-SHA-256 of timestamp, a dot, and the body: a receiver computes the same, and refuses old timestamps. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Whether a body was signed with the secret; in the same time whatever differs. */
export function isSigned(secret: string, timestamp: string, body: string, signature: string): boolean {
  const expected = Buffer.from(signatureOf(secret, timestamp, body));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** Posts notices as JSON. Answers of 200 to 299 are good, of 400 to 499 final, others and none are worth another attempt. */
export class WebhookSink implements Sink {
  readonly name: string;
  private readonly url: string;
  private readonly secret: string | undefined;

  constructor({ name, url, secret }: { name: string; url: string; secret?: string }) {
    this.name = name;
    this.url = url;
    this.secret = secret;
  }

  async tell(notice: Notice, signal: AbortSignal): Promise<number> {
    const body = JSON.stringify(notice);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'idempotency-key': notice.id,
      [TIMESTAMP_HEADER]: timestamp,
    };
    if (this.secret !== undefined) headers[SIGNATURE_HEADER] = signatureOf(this.secret, timestamp, body);
    const response = await fetch(this.url, { method: 'POST', headers, body, signal, redirect: 'error' });
    // Nobody reads it; unread it would hold the connection.
    await response.body?.cancel();
    const { status } = response;
    if (response.ok) return status;
    const message = `it answered ${status}`;
    if (status >= 400 && status < 500 && !TOO_EARLY_STATUSES.includes(status)) throw new RefusedError(message, status);
    throw new Error(message);
  }
}
