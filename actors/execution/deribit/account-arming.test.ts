import { beforeEach, expect, it } from 'vitest';
import { MmpState } from '../../../engine/market/orders/codes.js';
import { AccountArming, type ArmingSession } from './account-arming.js';
import type { DeribitExecutionConfig, ProtectionSettings } from './config.js';
import type { InstrumentNames } from './instrument-names.js';
import type { ReportWriter } from './report-writer.js';

const SETTINGS: ProtectionSettings = {
  index: 'btc_usd',
  intervalSeconds: 5,
  frozenSeconds: 10,
  quantityLimit: 5,
  maxQuoteQuantity: 5,
};

/** A venue that keeps what it is told of protection, by group, and the account's first connection. */
class Venue {
  readonly kept = new Map<string, Record<string, unknown>>();
  readonly told: number[] = [];
  asked: string[] = [];
  readonly #arming: AccountArming;

  constructor() {
    const session = {
      call: async (method: string, params: Record<string, unknown>) => {
        this.asked.push(method);
        const group = String(params.mmp_group ?? '');
        if (method === 'private/set_mmp_config') this.kept.set(group, params);
        const kept = this.kept.get(group);
        return kept === undefined ? [] : [{ delta_limit: 0, vega_limit: 0, ...kept }];
      },
      pause: async () => {},
      receive: () => {},
      events: { reported: () => {}, note: () => {} },
    } as unknown as ArmingSession;
    this.#arming = new AccountArming(session, {
      config: { protection: [SETTINGS] } as unknown as DeribitExecutionConfig,
      isPrivate: true,
      names: { underlyingOf: () => 0 } as unknown as InstrumentNames,
      reports: { protection: (state: number) => this.told.push(state) } as unknown as ReportWriter,
      armedIndices: new Set(),
    });
  }

  /** The connection is up, for the first time or again. */
  async connect(): Promise<string[]> {
    this.asked = [];
    expect(await this.#arming.armProtection(() => true)).toBe(true);
    return this.asked;
  }
}

let venue: Venue;

beforeEach(async () => {
  venue = new Venue();
  await venue.connect();
  expect([...venue.kept.keys()]).toHaveLength(2);
});

it('protection that the venue still has is not armed anew, which would end a freeze', async () => {
  expect(await venue.connect()).not.toContain('private/set_mmp_config');
  expect(venue.told).toEqual([MmpState.ARMED]);
});

it('protection that was lost at the venue while nobody was connected is armed anew: without it every quote is refused', async () => {
  const [group] = [...venue.kept.keys()].filter((name) => name !== '');
  venue.kept.delete(group!);
  await venue.connect();
  expect(venue.kept.get(group!)).toMatchObject({ index_name: 'btc_usd', quantity_limit: 5 });
  expect(venue.told).toEqual([MmpState.ARMED, MmpState.ARMED]);
});

it('protection that somebody has changed is what was asked for again', async () => {
  venue.kept.set('', { ...venue.kept.get(''), quantity_limit: 500 });
  await venue.connect();
  expect(venue.kept.get('')).toMatchObject({ quantity_limit: 5 });
});
