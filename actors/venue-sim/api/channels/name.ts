import { resolutionMinutes } from '../candles.js';

/** How often a channel tells: each change, or what changed within so many milliseconds. */
export type Interval = 'raw' | '100ms' | 'agg2';

export const intervalMs: Record<Interval, number> = { raw: 0, '100ms': 100, agg2: 1000 };

const GROUPS = ['none', '1', '2', '5', '10', '25', '100', '250'];
const DEPTHS = ['1', '10', '20'];
const KINDS = ['future', 'option', 'spot', 'future_combo', 'option_combo', 'combo', 'any'];

/** What a channel's name says. */
export type ChannelName =
  | { family: 'book'; instrument: string; interval: Interval }
  | { family: 'depth'; instrument: string; group: number; depth: number; interval: Interval }
  | { family: 'ticker'; instrument: string; interval: Interval }
  | { family: 'quote'; instrument: string }
  | { family: 'perpetual'; instrument: string; interval: Interval }
  | { family: 'chart'; instrument: string; resolution: string }
  | { family: 'trades'; about: About; interval: Interval }
  | { family: 'price-index' | 'volatility-index' | 'option-marks' | 'expiration-price'; index: string }
  | { family: 'instrument-state'; kind: string; currency: string }
  | { family: 'platform-state'; methods: boolean }
  | { family: 'user-orders' | 'user-trades' | 'user-changes'; about: About; interval: Interval }
  | { family: 'user-portfolio'; currency: string }
  | { family: 'user-mmp'; index: string }
  | { family: 'user-quiet' };

/** One instrument, or all of a kind and a currency, either of which may be `any`. */
export type About = { instrument: string } | { kind: string; currency: string };

/** Reads a channel's name; undefined where the venue has none of that form. */
export function parseChannelName(name: string): ChannelName | undefined {
  const parts = name.split('.');
  const [family, first = '', second = '', third = '', fourth = ''] = parts;
  const count = parts.length;
  switch (family) {
    case 'book':
      if (count === 3) return withInterval(second, (interval) => ({ family: 'book', instrument: first, interval }));
      if (count !== 5 || !GROUPS.includes(second) || !DEPTHS.includes(third)) return undefined;
      return withInterval(fourth, (interval) => {
        const group = second === 'none' ? 0 : Number(second);
        return interval === 'raw'
          ? undefined
          : { family: 'depth', instrument: first, group, depth: Number(third), interval };
      });
    case 'ticker':
    case 'perpetual':
      return count === 3 ? withInterval(second, (interval) => ({ family, instrument: first, interval })) : undefined;
    case 'quote':
      return count === 2 ? { family: 'quote', instrument: first } : undefined;
    case 'trades':
      return about(parts.slice(1), (subject, interval) => ({ family: 'trades', about: subject, interval }));
    case 'chart':
      return count === 4 && first === 'trades' && resolutionMinutes(third) !== undefined
        ? { family: 'chart', instrument: second, resolution: third }
        : undefined;
    case 'deribit_price_index':
      return count === 2 ? { family: 'price-index', index: first } : undefined;
    case 'deribit_volatility_index':
      return count === 2 ? { family: 'volatility-index', index: first } : undefined;
    case 'markprice':
      return count === 3 && first === 'options' ? { family: 'option-marks', index: second } : undefined;
    case 'estimated_expiration_price':
      return count === 2 ? { family: 'expiration-price', index: first } : undefined;
    case 'instrument':
      return count === 4 && first === 'state' && KINDS.includes(second)
        ? { family: 'instrument-state', kind: second, currency: third }
        : undefined;
    case 'platform_state':
      if (count === 1) return { family: 'platform-state', methods: false };
      return count === 2 && first === 'public_methods_state' ? { family: 'platform-state', methods: true } : undefined;
    case 'user':
      return userChannel(parts);
    default:
      return undefined;
  }
}

/** Whether only the account's own sessions may follow it. */
export function isPrivate({ family }: ChannelName): boolean {
  return family.startsWith('user-');
}

/** Whether it needs a session that has signed on: own matters, and every single change. */
export function needsSession(name: ChannelName): boolean {
  return isPrivate(name) || ('interval' in name && name.interval === 'raw');
}

function userChannel(parts: readonly string[]): ChannelName | undefined {
  const [, topic, subject = ''] = parts;
  switch (topic) {
    case 'orders':
    case 'trades':
    case 'changes':
      return about(parts.slice(2), (found, interval) => ({ family: `user-${topic}`, about: found, interval }));
    case 'portfolio':
      return parts.length === 3 ? { family: 'user-portfolio', currency: subject } : undefined;
    case 'mmp_trigger':
      return parts.length === 3 ? { family: 'user-mmp', index: subject } : undefined;
    case 'lock':
    case 'access_log':
      return parts.length === 2 ? { family: 'user-quiet' } : undefined;
    default:
      return undefined;
  }
}

function about(
  parts: readonly string[],
  make: (subject: About, interval: Interval) => ChannelName,
): ChannelName | undefined {
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 2) return withInterval(second, (interval) => make({ instrument: first }, interval));
  if (parts.length !== 3 || !KINDS.includes(first)) return undefined;
  return withInterval(third, (interval) => make({ kind: first, currency: second }, interval));
}

function withInterval(text: string, make: (interval: Interval) => ChannelName | undefined): ChannelName | undefined {
  return Object.hasOwn(intervalMs, text) ? make(text as Interval) : undefined;
}
