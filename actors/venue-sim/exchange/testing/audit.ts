import { OrderFlag, OrderState, Side } from '../codes.js';
import type { Exchange } from '../exchange.js';

/** What does not add up in an exchange: in words, one line each; nothing where all is well. */
export function imbalances(exchange: Exchange): string[] {
  const found: string[] = [];
  auditMoney(exchange, found);
  auditPositions(exchange, found);
  return found;
}

/** What in books, orders and counters contradicts what else is there. */
export function contradictions(exchange: Exchange): string[] {
  const found: string[] = [];
  auditBooks(exchange, found);
  auditOrders(exchange, found);
  return found;
}

/** Money is whole units, and all of it together is what was paid in: fees, insurance and clearing included. */
function auditMoney(exchange: Exchange, found: string[]): void {
  const { accounts, positions, instruments, config } = exchange;
  for (let currency = 0; currency < config.currencies.length; currency++) {
    let sum = 0;
    for (let account = 0; account < accounts.size; account++) sum += accounts.balance[accounts.at(account, currency)]!;
    for (let account = 0; account < accounts.size; account++) {
      for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
        if (instruments.currency[positions.instrument[record]!] === currency) sum += positions.sessionCash[record]!;
      }
    }
    if (sum !== accounts.deposited[currency] || !Number.isSafeInteger(sum)) {
      const { name } = config.currencies[currency]!;
      found.push(`all ${name} adds up to ${sum} units, but ${accounts.deposited[currency]} were paid in`);
    }
  }
}

const held = new Float64Array(4096);
const long = new Float64Array(4096);

/** For each lot that is long another is short, and open interest counts the long ones. */
function auditPositions(exchange: Exchange, found: string[]): void {
  const { accounts, positions, instruments } = exchange;
  held.fill(0, 0, instruments.size);
  long.fill(0, 0, instruments.size);
  for (let account = 0; account < accounts.size; account++) {
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      const lots = positions.lots[record]!;
      held[positions.instrument[record]!]! += lots;
      if (lots > 0) long[positions.instrument[record]!]! += lots;
    }
  }
  for (let instrument = 0; instrument < instruments.size; instrument++) {
    const { name } = instruments.definitions[instrument]!;
    if (held[instrument] !== 0) found.push(`the positions in ${name} add up to ${held[instrument]} lots`);
    if (long[instrument] !== instruments.openInterest[instrument]) {
      found.push(
        `${name}: ${long[instrument]} lots are long, open interest is ${instruments.openInterest[instrument]}`,
      );
    }
  }
}

/** Levels rise towards the best, hold the lots that their orders show in the order of arrival, and never cross. */
function auditBooks(exchange: Exchange, found: string[]): void {
  const { books, instruments, orders } = exchange;
  for (let instrument = 0; instrument < instruments.size; instrument++) {
    const { name } = instruments.definitions[instrument]!;
    for (const side of [Side.BUY, Side.SELL]) {
      let previous = Number.NaN;
      for (let rank = 0; rank < books.depth(instrument, side); rank++) {
        const level = books.level(instrument, side, rank);
        const ticks = books.levelTicks[level]!;
        if (side === Side.BUY ? ticks >= previous : ticks <= previous) found.push(`${name}: levels are out of order`);
        previous = ticks;
        let lots = 0;
        let count = 0;
        for (let slot = books.levelHead[level]!; slot >= 0; slot = orders.behind[slot]!) {
          const hidden = orders.hiddenLots[slot]!;
          const refresh = orders.refreshLots[slot]!;
          const shown = orders.lots[slot]! - hidden;
          lots += shown;
          count++;
          if (shown < 1 || hidden < 0 || (refresh === 0 ? hidden !== 0 : shown > refresh)) {
            found.push(`${name}: iceberg ${orders.id[slot]} shows ${shown} lots and hides ${hidden}`);
          }
          const belongs =
            orders.instrument[slot] === instrument &&
            orders.side[slot] === side &&
            orders.ticks[slot] === ticks &&
            orders.state[slot] === OrderState.OPEN &&
            orders.lots[slot]! > 0;
          if (!belongs) found.push(`${name}: order ${orders.id[slot]} stands where it does not belong`);
        }
        if (lots !== books.levelLots[level] || count !== books.levelOrders[level]) {
          found.push(`${name}: a level says ${books.levelLots[level]} lots, its orders show ${lots}`);
        }
      }
    }
    const bid = books.best(instrument, Side.BUY);
    const ask = books.best(instrument, Side.SELL);
    if (bid >= 0 && ask >= 0 && books.levelTicks[bid]! >= books.levelTicks[ask]!)
      found.push(`${name}: the book is crossed`);
  }
}

/** What accounts have open is what their orders say. */
function auditOrders(exchange: Exchange, found: string[]): void {
  const { accounts, positions, orders } = exchange;
  let open = 0;
  for (let account = 0; account < accounts.size; account++) {
    let ofAccount = 0;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      let bids = 0;
      let offers = 0;
      let bidTicks = 0;
      let count = 0;
      let reducing = 0;
      for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) {
        const lots = orders.lots[slot]!;
        count++;
        if (!orders.isOpen(slot)) found.push(`order ${orders.id[slot]} has ended and counts as open`);
        if ((orders.state[slot] === OrderState.OPEN) !== orders.level[slot]! >= 0) {
          found.push(`order ${orders.id[slot]} is open and in no book, or the other way round`);
        }
        if (orders.side[slot] === Side.BUY) {
          bids += lots;
          bidTicks += lots * orders.ticks[slot]!;
        } else offers += lots;
        if ((orders.flags[slot]! & OrderFlag.REDUCE_ONLY) !== 0) reducing++;
      }
      ofAccount += count;
      const agrees =
        bids === positions.openBuyLots[record] &&
        offers === positions.openSellLots[record] &&
        bidTicks === positions.openBuyTicks[record] &&
        count === positions.openOrders[record] &&
        reducing === positions.reduceOnlyOrders[record];
      if (!agrees)
        found.push(`account ${account}: the sums of its open orders in ${positions.instrument[record]} are wrong`);
    }
    if (ofAccount !== accounts.openOrders[account]) found.push(`account ${account} has ${ofAccount} open orders`);
    open += ofAccount;
  }
  if (open !== orders.openCount) found.push(`${orders.openCount} slots are in use by ${open} open orders`);
}
