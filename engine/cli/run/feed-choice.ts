import type { ChainFilter } from '../../../actors/feed/deribit/chain-filter.js';
import type { ChannelInterval } from '../../../actors/feed/deribit/channels.js';
import type { DeribitCredentials } from '../../../actors/session/deribit/credentials.js';

/** Where `volfilter run` takes its market data from: `venue` is the simulated one, which runs beside the engine or, at `url`, is there already. */
export type FeedChoice =
  | { kind: 'synthetic' }
  | { kind: 'venue'; url?: string }
  | ChainsChoice
  | RecordingChoice
  | LiveChoice;

/** Recorded snapshots of chains, which are played in virtual time. */
export interface ChainsChoice {
  kind: 'chains';
  path: string;
}

export interface RecordingChoice {
  kind: 'recording';
  venue: 'deribit' | 'binance';
  path: string;
}

/** A venue, and what of it is followed. */
export type LiveChoice =
  | {
      kind: 'live';
      venue: 'deribit';
      url: string;
      interval: ChannelInterval;
      filter: ChainFilter;
      /** Connections that carry the same channels; 1 where it is not said. */
      connections?: number;
      credentials?: DeribitCredentials;
    }
  | {
      kind: 'live';
      venue: 'binance';
      url: string;
      /** Where REST requests go, when not to the same host. */
      restUrl?: string;
      symbols: readonly string[];
      streams: readonly string[];
      /** As above. */
      connections?: number;
    };

/** `venue`, `venue=<address>`, `synthetic`, `chains=<path>`, `deribit-recording=<path>` or `binance-recording=<path>`; undefined where it is none of them. */
export function parseFeedChoice(text: string): FeedChoice | undefined {
  if (text === 'synthetic' || text === 'venue') return { kind: text };
  const [, url] = /^venue=(wss?:\/\/.+)$/.exec(text) ?? [];
  if (url !== undefined) return { kind: 'venue', url };
  const [, chains] = /^chains=(.+)$/.exec(text) ?? [];
  if (chains !== undefined) return { kind: 'chains', path: chains };
  const [, venue, path] = /^(deribit|binance)-recording=(.+)$/.exec(text) ?? [];
  return path === undefined ? undefined : { kind: 'recording', venue: venue as RecordingChoice['venue'], path };
}
