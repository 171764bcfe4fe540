import { createHmac, randomBytes } from 'node:crypto';
import type { VenueSecrets } from '../session/keys.js';

/** The machine's own signatures and words. */
export const machineSecrets: VenueSecrets = {
  hmacSha256: (secret, text) => createHmac('sha256', secret).update(text).digest('hex'),
  word: () => randomBytes(24).toString('base64url'),
};
