import { expiryName } from '../command/target.js';
import type { PaneHost } from './page.js';

/** Whether a pane is about an underlying, by its name: about all where none was said. */
export function isAbout({ target }: PaneHost, underlying: string): boolean {
  return target.underlying === undefined || target.underlying === underlying;
}

/** Whether an instrument is of the underlying that a pane is about. */
export function isOfUnderlying(host: PaneHost, instrument: number): boolean {
  return isAbout(host, host.markets.underlyingOf(instrument));
}

/** Whether an instrument is of the underlying and of the expiry that a pane is about. */
export function isOfExpiry(host: PaneHost, instrument: number): boolean {
  const { expiry } = host.target;
  if (!isOfUnderlying(host, instrument)) return false;
  return expiry === undefined || expiryName(host.markets.row(instrument)?.expiry() ?? 0) === expiry;
}
