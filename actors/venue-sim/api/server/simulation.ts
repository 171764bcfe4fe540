import type { ChaosConfig } from '../../chaos/config.js';
import { MarginModel, SelfMatch } from '../../exchange/codes.js';
import { defaultConfig } from '../../exchange/config.js';
import { Exchange } from '../../exchange/exchange.js';
import { WORLD } from '../../world/parameters.js';
import { World } from '../../world/world.js';
import { idsFrom } from '../encode/ids.js';
import { type ApiKey, TRADING_SCOPE, type VenueSecrets } from '../session/keys.js';
import type { RateLimits } from '../session/rate-limits.js';
import { SinkRelay } from '../sink-relay.js';
import { Venue } from '../venue.js';
import { type AccountHoldings, type Holding, HoldingsTeller } from './holdings.js';

/** Whoever may sign on, and with what. */
export interface KeySettings {
  clientId: string;
  clientSecret: string;
  /** What the account is called: keys of one name trade for one account. */
  account: string;
  /** Such as `account:read trade:read_write`; all that trading needs where it is absent. */
  scope?: string;
}

export interface SimulationSettings {
  /** Of the world. */
  seed: number;
  /** Strikes of each expiry. */
  strikes: number;
  keys: readonly KeySettings[];
  limits?: RateLimits;
  chaos?: ChaosConfig;
  /** Hears what accounts hold whenever that changes. */
  onHeld?: (held: AccountHoldings) => void;
}

/** Coins that each account begins with. */
const DEPOSITS: Record<string, number> = { BTC: 100, ETH: 1000, USDC: 1_000_000 };

/**
 * The simulated world with its exchange, behind the venue's protocol; `hold` gives an account what it held in an earlier world, and says what is not listed any more.
 * @param now microseconds since the Unix epoch: the world begins at that moment
 */
export function createSimulation(
  settings: SimulationSettings,
  secrets: VenueSecrets,
  now: () => number,
  note: (message: string) => void = () => {},
): { venue: Venue; world: World; hold(account: string, holdings: readonly Holding[]): string[] } {
  const startTime = Math.floor(now() / 1000);
  const relay = new SinkRelay();
  const exchange = new Exchange({ ...defaultConfig, startTime }, relay);
  const parameters = { ...WORLD, startTime, strikes: settings.strikes };
  const world = new World(exchange, { seed: settings.seed, parameters });
  const keys = openAccounts(exchange, settings.keys);
  const { limits, chaos, onHeld } = settings;
  const venue = new Venue({
    exchange,
    relay,
    market: world,
    keys,
    ...(limits === undefined ? {} : { limits }),
    ...(chaos === undefined ? {} : { chaos }),
    secrets,
    now,
    note,
    testnet: true,
    idsFrom: idsFrom(startTime),
  });
  if (onHeld !== undefined) {
    const names = new Map(keys.map(({ account }, at) => [account, settings.keys[at]!.account]));
    relay.held = new HoldingsTeller(exchange, names, onHeld);
  }
  const hold = (name: string, holdings: readonly Holding[]): string[] => {
    const account = keys[settings.keys.findIndex((key) => key.account === name)]!.account;
    return holdings.filter(({ name: of, amount }) => !holds(world, account, of, amount)).map(({ name: of }) => of);
  };
  return { venue, world, hold };
}

/** An account of a world that begins anew holds what it held in the one before, from those who wait with orders. @returns false where the instrument is not listed */
function holds({ exchange, accounts }: World, account: number, name: string, amount: number): boolean {
  const { instruments } = exchange;
  const instrument = instruments.idOf(name);
  if (instrument < 0) return false;
  exchange.handOver(account, accounts.passive, instrument, Math.round(amount / instruments.lotSize[instrument]!));
  return true;
}

/** Opens the accounts that keys name, with money on each. */
export function openAccounts(exchange: Exchange, settings: readonly KeySettings[]): ApiKey[] {
  const accounts = new Map<string, number>();
  return settings.map(({ clientId, clientSecret, account: name, scope = TRADING_SCOPE }) => {
    let account = accounts.get(name);
    if (account === undefined) {
      account = exchange.openAccount({ name, margin: MarginModel.PORTFOLIO, selfMatch: SelfMatch.REJECT_TAKER });
      accounts.set(name, account);
      for (const [currency, { name: coin }] of exchange.config.currencies.entries()) {
        exchange.deposit(account, currency, DEPOSITS[coin] ?? 0);
      }
    }
    return { clientId, clientSecret, account, scope };
  });
}
