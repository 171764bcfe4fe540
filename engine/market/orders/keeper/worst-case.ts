import { OrderAction } from '../codes.js';
import { OrderInt, OrderNumber, type OrderTable } from '../order-table.js';
import { RequestInt, RequestNumber, type RequestTable } from '../request-table.js';

/** Takes anew the worst that may still trade of an order, whatever becomes of the requests in flight. */
export function refreshWorstCase(orders: OrderTable, requests: RequestTable, slot: number): void {
  const { numbers, ints } = orders;
  const at = slot * OrderNumber.SIZE;
  const buys = orders.isBuy(slot);
  if (!orders.isLive(slot)) {
    numbers[at + OrderNumber.WORST_REMAINING] = 0;
    numbers[at + OrderNumber.WORST_PRICE] = numbers[at + OrderNumber.PRICE]!;
    return;
  }
  let price = numbers[at + OrderNumber.PRICE]!;
  let amount = numbers[at + OrderNumber.AMOUNT]!;
  let request = ints[slot * OrderInt.SIZE + OrderInt.REQUESTS]! - 1;
  while (request >= 0) {
    const from = request * RequestNumber.SIZE;
    const action = requests.ints[request * RequestInt.SIZE + RequestInt.ACTION]!;
    if (action === OrderAction.PLACE || action === OrderAction.AMEND || action === OrderAction.QUOTE) {
      const asked = requests.numbers[from + RequestNumber.PRICE]!;
      if (buys ? asked > price : asked < price) price = asked;
      if (requests.numbers[from + RequestNumber.AMOUNT]! > amount) {
        amount = requests.numbers[from + RequestNumber.AMOUNT]!;
      }
    }
    request = requests.ints[request * RequestInt.SIZE + RequestInt.NEXT]! - 1;
  }
  const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
  numbers[at + OrderNumber.WORST_PRICE] = price;
  numbers[at + OrderNumber.WORST_REMAINING] = amount > filled ? amount - filled : 0;
}
