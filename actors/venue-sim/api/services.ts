import { Chaos } from '../chaos/chaos.js';
import { type ChaosConfig, noChaos } from '../chaos/config.js';
import { Hub } from './channels/hub.js';
import type { VenueConnection } from './connection.js';
import { type FloorOptions, VenueFloor } from './floor.js';
import { LinkedOrders } from './linked.js';
import type { EndCause } from './rpc/served.js';
import { CancelOnDisconnect } from './session/cancel-on-disconnect.js';
import type { ApiKey, VenueSecrets } from './session/keys.js';
import { MARKET_MAKER_LIMITS, type RateLimits, RatePools } from './session/rate-limits.js';
import { Tokens } from './session/tokens.js';
import { TransactionLog } from './transactions.js';
import { Triggers } from './triggers.js';
import { VenueIndices } from './venue-indices.js';

export interface ServiceOptions extends Omit<FloorOptions, 'chaos'> {
  keys: readonly ApiKey[];
  limits?: RateLimits;
  chaos?: ChaosConfig;
  secrets: VenueSecrets;
  note?: (message: string) => void;
}

/** What the venue does for its clients, and what each of its methods may use: who may sign on, orders of the venue's own kinds, logs and channels. */
export abstract class VenueServices extends VenueFloor {
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly limits: RateLimits;
  readonly secrets: VenueSecrets;
  readonly tokens: Tokens;
  readonly cancelOnDisconnect = new CancelOnDisconnect();
  readonly transactions: TransactionLog;
  readonly indices: VenueIndices;
  readonly triggers: Triggers;
  readonly linked: LinkedOrders;
  readonly hub: Hub;
  readonly note: (message: string) => void;
  readonly #pools = new Map<number, RatePools>();
  /** The method that was served last, or a piece of it. */
  lastMethod = '';
  /** Whether the market stands still, at a control's word; clients may trade all the same. */
  isPaused = false;

  constructor(options: ServiceOptions) {
    const { keys, limits = MARKET_MAKER_LIMITS, chaos = noChaos, secrets, note = () => {} } = options;
    super({ ...options, chaos: new Chaos(chaos) });
    this.keys = new Map(keys.map((key) => [key.clientId, key]));
    this.limits = limits;
    this.secrets = secrets;
    this.tokens = new Tokens(secrets);
    this.note = note;
    this.transactions = new TransactionLog(this);
    this.indices = new VenueIndices(this);
    this.funding.look();
    for (const { account } of keys) {
      this.history.keep(account);
      this.transactions.keep(account);
    }
    this.triggers = new Triggers(this, {
      changed: (account, instrument, key, json) => this.hub.triggerChanged(account, instrument, key, json),
      withdrawn: (order) => this.linked.withdrawn(order),
      fired: (order, answer) => this.linked.fired(order, answer),
    });
    this.linked = new LinkedOrders(this, this.triggers);
    this.hub = new Hub(this, this);
  }

  /** Everybody who is connected. */
  abstract connections(): VenueConnection[];

  /** Ends a connection once what is being answered has been answered. */
  abstract endSoon(connection: VenueConnection, cause: EndCause): void;

  /** What is counted, with what whoever drives the venue counts. */
  abstract counters(): Record<string, unknown>;

  /** Ends a step: what it did to orders acts on those linked to them, and what has gathered in it is told. */
  endStep(): void {
    if (this.linked.hasWork) this.linked.act();
    this.hub.endStep();
  }

  /** Credits of an account, whoever trades for it. */
  poolsOf(account: number, now: number): RatePools {
    let pools = this.#pools.get(account);
    if (pools === undefined) {
      pools = new RatePools(this.limits, now / 1000);
      this.#pools.set(account, pools);
    }
    return pools;
  }

  /** Another account has signed on: what was followed before was the other one's. */
  forgetChannels(connection: VenueConnection): void {
    for (const name of [...connection.channels.keys()]) {
      if (name.startsWith('user.')) this.hub.leave(connection, name);
    }
  }
}
