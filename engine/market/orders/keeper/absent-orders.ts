import { OrderInt, OrderNumber } from '../order-table.js';
import { OrderEvent } from '../transitions.js';
import type { KeeperMemory } from './keeper-memory.js';
import type { OrderLife } from './order-life.js';
import type { RequestsInFlight } from './requests-in-flight.js';

/** Reconciliations in a row that do not mention an order: then it is gone. */
const GONE_AFTER = 2;

/** Orders that the venue should have and does not show. */
export class AbsentOrders {
  private readonly memory: KeeperMemory;
  private readonly requests: RequestsInFlight;
  private readonly life: OrderLife;

  constructor(memory: KeeperMemory, requests: RequestsInFlight, life: OrderLife) {
    this.memory = memory;
    this.requests = requests;
    this.life = life;
  }

  /** The venue was asked, and knows no such order. */
  absent(slot: number, sinceEvent: number): void {
    const { ints, numbers } = this.memory.orders;
    // Asked for before it was sent: no wonder.
    if (sinceEvent > 0 && numbers[slot * OrderNumber.SIZE + OrderNumber.SENT_AT_EVENT]! >= sinceEvent) return;
    const seen = ints[slot * OrderInt.SIZE + OrderInt.SEEN] === 1;
    this.requests.resolve(slot, sinceEvent);
    this.life.move(slot, seen ? OrderEvent.ABSENT_ONCE_SEEN : OrderEvent.ABSENT_NEVER_SEEN);
  }

  /**
   * Orders that a reconciliation should have mentioned and did not. Each is asked about alone; one that is missing from two in a
   * row, whose fills were asked for each time, is gone, since asking about hundreds one by one would take minutes.
   * @returns how many are in doubt now
   */
  find(number: number, begunAtEvent: number, withFills: boolean): number {
    const { orders } = this.memory;
    let doubtful = 0;
    for (let slot = orders.firstLive(); slot >= 0; ) {
      const next = orders.nextLive(slot);
      const at = slot * OrderNumber.SIZE;
      const int = slot * OrderInt.SIZE;
      const mentioned = orders.ints[int + OrderInt.MENTIONED] === number;
      const isNewer =
        orders.numbers[at + OrderNumber.SENT_AT_EVENT]! >= begunAtEvent ||
        orders.numbers[at + OrderNumber.PICTURED_AT_EVENT]! >= begunAtEvent;
      if (!mentioned && !isNewer) {
        orders.ints[int + OrderInt.ABSENT]! += 1;
        if (withFills && orders.ints[int + OrderInt.ABSENT]! >= GONE_AFTER) this.absent(slot, begunAtEvent);
        else {
          doubtful++;
          orders.ints[int + OrderInt.QUERIES] = 0;
          this.life.unsure(slot);
        }
      }
      slot = next;
    }
    return doubtful;
  }
}
