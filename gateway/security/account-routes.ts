import type { Route } from '../http/route.js';
import type { AccountServices } from './account-services.js';
import { signInRoutes } from './sign-in-routes.js';
import { TokenBuckets } from './token-bucket.js';
import { totpRoutes } from './totp-routes.js';
import { userRoutes } from './user-routes.js';

/** Codes of one user's authenticator: who knows the password does not guess a million codes. */
const CODES = { perSecond: 0.05, burst: 5 };

/** Signing in and out, tickets for sockets, authenticators, users and tokens. */
export function accountRoutes(services: AccountServices): Route[] {
  const codes = new TokenBuckets(CODES.perSecond, CODES.burst);
  return [...signInRoutes(services, codes), ...totpRoutes(services, codes), ...userRoutes(services)];
}
