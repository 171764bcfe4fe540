import type { Answer } from './order-client.js';

/** Orders that rest at a time; each new one takes the oldest away. */
const RESTING = 32;

/** Each request places an order or takes one away, so that the book stays as it is. */
export function placing(price: number): (last: Answer | undefined) => string {
  const resting: string[] = [];
  const order = `"method":"private/buy","params":{"instrument_name":"BTC-PERPETUAL","amount":10,"price":${price},"post_only":true}`;
  return (last) => {
    const made = last?.result?.order?.order_id;
    if (made !== undefined) resting.push(made);
    if (resting.length < RESTING) return order;
    return `"method":"private/cancel","params":{"order_id":"${resting.shift()}"}`;
  };
}
