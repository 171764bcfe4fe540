import { expect, test } from 'vitest';
import { contradictions, imbalances } from '../exchange/testing/audit.js';
import { RandomStream } from '../world/random.js';
import { CALL, FUTURE, PERPETUAL, PUT, TestVenue } from './testing/test-venue.js';

const STEPS = 250;
const SPREAD = 'BTC-FS-27MAR26_PERP';
const conditions = ['first_hit', 'complete_fill', 'incremental'];

/** Clients that do what only the protocol knows of: linked orders, triggers, icebergs, combinations, questions about margins. */
class Clients {
  readonly venue = new TestVenue();
  readonly #random: RandomStream;
  readonly #clients;
  /** What was done and accepted, by kind. */
  readonly accepted = new Map<string, number>();

  constructor(seed: number) {
    this.#random = new RandomStream(seed, 'clients');
    this.#clients = [
      this.venue.client().signOn(),
      this.venue.client().signOn({ clientId: 'other', clientSecret: 'other secret', account: 'other' }),
    ];
    const legs = [
      { instrument_name: PERPETUAL, direction: 'sell', amount: 10 },
      { instrument_name: FUTURE, direction: 'buy', amount: 10 },
    ];
    this.#clients[0]!.call('private/create_combo', { trades: legs });
  }

  step(): void {
    const random = this.#random;
    const kind = this.#one([
      'plain',
      'iceberg',
      'stop',
      'oto',
      'oco',
      'otoco',
      'combo',
      'edit',
      'cancel',
      'ask',
      'mark',
      'crowd',
    ]);
    const client = this.#clients[random.below(2)]!;
    const done = this.#do(kind, (method, params) => client.ask(method, params)?.error === undefined);
    if (done) this.accepted.set(kind, (this.accepted.get(kind) ?? 0) + 1);
    if (random.chance(0.3)) this.venue.pass(20);
  }

  #do(kind: string, ask: (method: string, params: object) => boolean): boolean {
    const random = this.#random;
    const method = `private/${this.#side()}`;
    const order = this.#order();
    switch (kind) {
      case 'plain':
        return ask(method, order);
      case 'iceberg':
        return ask(method, {
          ...order,
          instrument_name: PERPETUAL,
          price: this.#price(),
          amount: 5000,
          display_amount: 1000,
        });
      case 'stop':
        return ask(method, { ...order, ...this.#trigger() });
      case 'oto':
      case 'oco':
      case 'otoco':
        return ask(method, this.#linked(kind, order));
      case 'combo':
        return ask(method, { instrument_name: SPREAD, amount: 100, price: 880 + 5 * random.below(9) });
      case 'edit':
        return ask('private/edit_by_label', { ...order, label: this.#one(['a', 'b', 'c']) });
      case 'cancel':
        return ask('private/cancel_by_label', { label: this.#one(['a', 'b', 'c']) });
      case 'ask':
        return ask('private/get_margins', order);
      case 'mark':
        this.venue.exchange.setFutureMark(0, this.#price());
        return true;
      default: {
        const { instrument_name, price, amount } = order;
        this.venue.crowdOrder(instrument_name, this.#side(), price, amount);
        return true;
      }
    }
  }

  #linked(kind: string, order: object): object {
    const other = (): object => ({
      ...this.#order(),
      ...(this.#random.chance(0.5) ? this.#trigger() : {}),
      direction: this.#side(),
    });
    const types: Record<string, string> = {
      oto: 'one_triggers_other',
      oco: 'one_cancels_other',
      otoco: 'one_triggers_one_cancels_other',
    };
    return {
      ...order,
      linked_order_type: types[kind],
      trigger_fill_condition: this.#one(conditions),
      otoco_config: kind === 'otoco' ? [other(), other()] : [other()],
    };
  }

  #trigger(): object {
    return { type: this.#one(['stop_market', 'take_limit']), trigger: 'mark_price', trigger_price: this.#price() };
  }

  #order(): { instrument_name: string; amount: number; price: number; label: string } {
    const label = this.#one(['a', 'b', 'c', '']);
    return this.#random.chance(0.6)
      ? { instrument_name: PERPETUAL, amount: 100 * (1 + this.#random.below(5)), price: this.#price(), label }
      : { instrument_name: this.#one([CALL, PUT]), amount: 1, price: 0.03 + 0.0005 * this.#random.below(20), label };
  }

  #price(): number {
    return 89_800 + 50 * this.#random.below(9);
  }

  #side(): 'buy' | 'sell' {
    return this.#random.chance(0.5) ? 'buy' : 'sell';
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#random.below(items.length)]!;
  }
}

test.each([1, 2, 3])('whatever clients link, trigger, hide and combine, everything adds up: seed %d', (seed) => {
  const clients = new Clients(seed);
  const { exchange } = clients.venue;
  for (let step = 0; step < STEPS; step++) {
    clients.step();
    expect([...imbalances(exchange), ...contradictions(exchange)]).toEqual([]);
  }
  // Each kind has happened: sums that nobody moves add up too.
  expect([...clients.accepted.keys()].sort()).toEqual(
    ['ask', 'cancel', 'combo', 'crowd', 'edit', 'iceberg', 'mark', 'oco', 'oto', 'otoco', 'plain', 'stop'].sort(),
  );
  expect(exchange.trades.last).toBeGreaterThan(20);
  expect(clients.venue.notes).toEqual([]);
});
