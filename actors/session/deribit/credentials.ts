import { createHmac } from 'node:crypto';

/** A key of the venue, and how it is shown: the secret itself, or a signature made with it. */
export interface DeribitCredentials {
  grant: 'client_credentials' | 'client_signature';
  clientId: string;
  clientSecret: string;
}

/**
 * Parameters of `public/auth`. A signature is HMAC-SHA256 over timestamp, nonce and data (none here), each on a line.
 * @param timestampMs milliseconds since the Unix epoch by the venue's clock
 */
export function authParams(
  { grant, clientId, clientSecret }: DeribitCredentials,
  timestampMs: number,
  nonce: string,
): Record<string, string | number> {
  if (grant === 'client_credentials') {
    return { grant_type: grant, client_id: clientId, client_secret: clientSecret };
  }
  const data = '';
  const signature = createHmac('sha256', clientSecret).update(`${timestampMs}\n${nonce}\n${data}`).digest('hex');
  return { grant_type: grant, client_id: clientId, timestamp: timestampMs, nonce, data, signature };
}
