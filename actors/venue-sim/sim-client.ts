import type { Exchange } from './exchange/exchange.js';
import { Lane } from './lane.js';
import { type Latency, LatencySource } from './latency.js';
import type { SimFillReport, SimListener, SimOrderReport } from './sim-listener.js';

/** The latencies of a client. */
export interface SimPaths {
  /** From the client to the matching engine. */
  order: Latency;
  /** From the matching engine back: answers, and reports of the client's own orders and trades. */
  acknowledgement: Latency;
  /** Of market data. */
  data: Latency;
}

const Request = { PLACE: 0, EDIT: 1, CANCEL: 2, CALL: 3 } as const;

const Report = { ANSWER: 0, ORDER: 1, FILL: 2, MMP: 3 } as const;

const Data = { LEVEL: 0, TRADE: 1, INSTRUMENT: 2 } as const;

const WIDTH = 12;

/** One client of the in-process venue: its requests and reports are on their way for as long as its paths say. */
export class SimClient {
  readonly account: number;
  readonly #exchange: Exchange;
  readonly #listener: SimListener;
  readonly #requests = new Lane(WIDTH);
  readonly #reports = new Lane(WIDTH);
  readonly #data = new Lane(WIDTH);
  readonly #order: LatencySource;
  readonly #acknowledgement: LatencySource;
  readonly #dataLatency: LatencySource;
  readonly #followed: Uint8Array;
  readonly #calls: ((exchange: Exchange, account: number) => number)[] = [];
  #lastRequest = 0;
  readonly #orderReport: SimOrderReport;
  readonly #fillReport: SimFillReport;

  constructor(exchange: Exchange, account: number, paths: SimPaths, seed: number, listener: SimListener) {
    this.#exchange = exchange;
    this.account = account;
    this.#listener = listener;
    this.#order = new LatencySource(paths.order, seed, `orders of ${account}`);
    this.#acknowledgement = new LatencySource(paths.acknowledgement, seed, `acknowledgements of ${account}`);
    this.#dataLatency = new LatencySource(paths.data, seed, `data of ${account}`);
    this.#followed = new Uint8Array(exchange.config.maxInstruments);
    const report = { order: 0, instrument: 0, side: 0, lots: 0, tag: 0, time: 0 };
    this.#orderReport = { ...report, state: 0, ticks: 0, filledLots: 0, cancelReason: 0 };
    this.#fillReport = { ...report, trade: 0, price: 0, fee: 0, isMaker: false };
  }

  /** When something of this client arrives next, here or there, milliseconds. */
  get next(): number {
    const request = this.#requests.next;
    const report = this.#reports.next;
    const data = this.#data.next;
    const message = report < data ? report : data;
    return request < message ? request : message;
  }

  /** Follows the book and the trades of an instrument from now on; its levels as they stand are told at once, with the data's latency. */
  follow(instrument: number): void {
    this.#followed[instrument] = 1;
    const { books } = this.#exchange;
    const counts = [0, 1].map((side) => books.depth(instrument, side));
    let left = counts[0]! + counts[1]!;
    for (let side = 0; side < 2; side++) {
      for (let rank = 0; rank < counts[side]!; rank++) {
        const level = books.level(instrument, side, rank);
        this.#sendLevel(instrument, side, books.levelTicks[level]!, books.levelLots[level]!, --left === 0);
      }
    }
  }

  unfollow(instrument: number): void {
    this.#followed[instrument] = 0;
  }

  /** Sends an order; arguments as of `Exchange.place`. Returns the request's number, by which its answer is known. */
  place(
    instrument: number,
    side: number,
    type: number,
    ticks: number,
    lots: number,
    timeInForce: number,
    flags: number,
    tag: number,
    validUntil = Number.POSITIVE_INFINITY,
  ): number {
    const at = this.#request(Request.PLACE);
    const { rows } = this.#requests;
    rows[at + 2] = instrument;
    rows[at + 3] = side;
    rows[at + 4] = type;
    rows[at + 5] = ticks;
    rows[at + 6] = lots;
    rows[at + 7] = timeInForce;
    rows[at + 8] = flags;
    rows[at + 9] = tag;
    rows[at + 10] = validUntil;
    return this.#lastRequest;
  }

  /** Changes an order; arguments as of `Exchange.edit`. Returns the request's number. */
  edit(order: number, ticks: number, lots: number, flags: number, validUntil = Number.POSITIVE_INFINITY): number {
    const at = this.#request(Request.EDIT);
    const { rows } = this.#requests;
    rows[at + 2] = order;
    rows[at + 3] = ticks;
    rows[at + 4] = lots;
    rows[at + 5] = flags;
    rows[at + 6] = validUntil;
    return this.#lastRequest;
  }

  /** Cancels an order. Returns the request's number. */
  cancel(order: number): number {
    const at = this.#request(Request.CANCEL);
    this.#requests.rows[at + 2] = order;
    return this.#lastRequest;
  }

  /** Anything else the exchange can do, done when the request arrives, such as a mass quote. Returns the request's number. */
  call(action: (exchange: Exchange, account: number) => number): number {
    this.#request(Request.CALL);
    this.#calls.push(action);
    return this.#lastRequest;
  }

  #request(kind: number): number {
    const at = this.#requests.send(this.#exchange.now + this.#order.next());
    this.#requests.rows[at] = kind;
    this.#requests.rows[at + 1] = ++this.#lastRequest;
    return at;
  }

  /** Lets the next message arrive: a request first, then a report, then market data. For the venue. */
  arrive(now: number): void {
    if (this.#requests.next <= now) this.#execute();
    else if (this.#reports.next <= now) this.#hearReport();
    else this.#hearData();
  }

  #execute(): void {
    const exchange = this.#exchange;
    const { account } = this;
    const { rows, head } = this.#requests;
    const kind = rows[head]!;
    const request = rows[head + 1]!;
    let answer: number;
    if (kind === Request.PLACE) {
      answer = exchange.place(
        account,
        rows[head + 2]!,
        rows[head + 3]!,
        rows[head + 4]!,
        rows[head + 5]!,
        rows[head + 6]!,
        rows[head + 7]!,
        rows[head + 8]!,
        rows[head + 9]!,
        rows[head + 10]!,
      );
    } else if (kind === Request.EDIT) {
      const [order, ticks, lots] = [rows[head + 2]!, rows[head + 3]!, rows[head + 4]!];
      answer = exchange.edit(account, order, ticks, lots, rows[head + 5]!, rows[head + 6]!);
    } else if (kind === Request.CANCEL) {
      answer = exchange.cancel(account, rows[head + 2]!);
    } else {
      answer = this.#calls.shift()!(exchange, account);
    }
    this.#requests.take();
    const at = this.#report(Report.ANSWER);
    this.#reports.rows[at + 2] = request;
    this.#reports.rows[at + 3] = answer;
  }

  #report(kind: number): number {
    const { now } = this.#exchange;
    const at = this.#reports.send(now + this.#acknowledgement.next());
    this.#reports.rows[at] = kind;
    this.#reports.rows[at + 1] = now;
    return at;
  }

  /** For the venue: an order changed. */
  orderChanged(order: number): void {
    const { orders } = this.#exchange;
    const slot = orders.slotOf(order);
    if (slot < 0 || orders.account[slot] !== this.account) return;
    const at = this.#report(Report.ORDER);
    const { rows } = this.#reports;
    rows[at + 2] = order;
    rows[at + 3] = orders.instrument[slot]!;
    rows[at + 4] = orders.side[slot]!;
    rows[at + 5] = orders.state[slot]!;
    rows[at + 6] = orders.ticks[slot]!;
    rows[at + 7] = orders.lots[slot]!;
    rows[at + 8] = orders.filledLots[slot]!;
    rows[at + 9] = orders.cancelReason[slot]!;
    rows[at + 10] = orders.tag[slot]!;
  }

  /** For the venue: a trade was printed. */
  traded(trade: number): void {
    const { trades } = this.#exchange;
    const slot = trades.slotOf(trade);
    const instrument = trades.instrument[slot]!;
    const takerSide = trades.takerSide[slot]!;
    if (trades.makerAccount[slot] === this.account) {
      this.#fill(trade, slot, trades.makerOrder[slot]!, 1 - takerSide, trades.makerFee[slot]!, true);
    }
    if (trades.takerAccount[slot] === this.account) {
      this.#fill(trade, slot, trades.takerOrder[slot]!, takerSide, trades.takerFee[slot]!, false);
    }
    if (this.#followed[instrument] !== 1) return;
    const at = this.#datum(Data.TRADE);
    const { rows } = this.#data;
    rows[at + 2] = instrument;
    rows[at + 3] = trades.price[slot]!;
    rows[at + 4] = trades.lots[slot]!;
    rows[at + 5] = takerSide;
    rows[at + 6] = trade;
  }

  #fill(trade: number, slot: number, order: number, side: number, fee: number, isMaker: boolean): void {
    const { trades, orders } = this.#exchange;
    const orderSlot = orders.slotOf(order);
    const at = this.#report(Report.FILL);
    const { rows } = this.#reports;
    rows[at + 2] = trade;
    rows[at + 3] = order;
    rows[at + 4] = trades.instrument[slot]!;
    rows[at + 5] = side;
    rows[at + 6] = trades.price[slot]!;
    rows[at + 7] = trades.lots[slot]!;
    rows[at + 8] = fee;
    rows[at + 9] = isMaker ? 1 : 0;
    rows[at + 10] = orderSlot < 0 ? 0 : orders.tag[orderSlot]!;
  }

  /** For the venue: levels of a book changed. */
  bookChanged(instrument: number, count: number): void {
    if (this.#followed[instrument] !== 1) return;
    const { side, ticks, after } = this.#exchange.changes;
    for (let index = 0; index < count; index++) {
      this.#sendLevel(instrument, side[index]!, ticks[index]!, after[index]!, index === count - 1);
    }
  }

  #sendLevel(instrument: number, side: number, ticks: number, lots: number, last: boolean): void {
    const at = this.#datum(Data.LEVEL);
    const { rows } = this.#data;
    rows[at + 2] = instrument;
    rows[at + 3] = side;
    rows[at + 4] = ticks;
    rows[at + 5] = lots;
    rows[at + 6] = this.#exchange.books.changeId(instrument);
    rows[at + 7] = last ? 1 : 0;
  }

  /** For the venue: protection fired. */
  mmpTriggered(account: number, index: number, group: number): void {
    if (account !== this.account) return;
    const at = this.#report(Report.MMP);
    this.#reports.rows[at + 2] = index;
    this.#reports.rows[at + 3] = group;
  }

  /** For the venue: an instrument was listed or changed its state. */
  instrumentChanged(instrument: number): void {
    const at = this.#datum(Data.INSTRUMENT);
    this.#data.rows[at + 2] = instrument;
    this.#data.rows[at + 3] = this.#exchange.instruments.state[instrument]!;
  }

  #datum(kind: number): number {
    const { now } = this.#exchange;
    const at = this.#data.send(now + this.#dataLatency.next());
    this.#data.rows[at] = kind;
    this.#data.rows[at + 1] = now;
    return at;
  }

  #hearReport(): void {
    const { rows, head } = this.#reports;
    const kind = rows[head]!;
    const time = rows[head + 1]!;
    // Taken before it is heard: the listener may send, and so move the rows of other lanes, but not of this one.
    this.#reports.take();
    if (kind === Report.ANSWER) this.#listener.answered(rows[head + 2]!, rows[head + 3]!, time);
    else if (kind === Report.MMP) this.#listener.mmpTriggered(rows[head + 2]!, rows[head + 3]!, time);
    else if (kind === Report.ORDER) {
      const report = this.#orderReport;
      report.order = rows[head + 2]!;
      report.instrument = rows[head + 3]!;
      report.side = rows[head + 4]!;
      report.state = rows[head + 5]!;
      report.ticks = rows[head + 6]!;
      report.lots = rows[head + 7]!;
      report.filledLots = rows[head + 8]!;
      report.cancelReason = rows[head + 9]!;
      report.tag = rows[head + 10]!;
      report.time = time;
      this.#listener.orderChanged(report);
    } else {
      const report = this.#fillReport;
      report.trade = rows[head + 2]!;
      report.order = rows[head + 3]!;
      report.instrument = rows[head + 4]!;
      report.side = rows[head + 5]!;
      report.price = rows[head + 6]!;
      report.lots = rows[head + 7]!;
      report.fee = rows[head + 8]!;
      report.isMaker = rows[head + 9] === 1;
      report.tag = rows[head + 10]!;
      report.time = time;
      this.#listener.filled(report);
    }
  }

  #hearData(): void {
    const { rows, head } = this.#data;
    const kind = rows[head]!;
    const time = rows[head + 1]!;
    const instrument = rows[head + 2]!;
    this.#data.take();
    if (kind === Data.LEVEL) {
      const last = rows[head + 7] === 1;
      this.#listener.levelChanged(instrument, rows[head + 3]!, rows[head + 4]!, rows[head + 5]!, rows[head + 6]!, last);
    } else if (kind === Data.TRADE) {
      this.#listener.traded(instrument, rows[head + 3]!, rows[head + 4]!, rows[head + 5]!, rows[head + 6]!, time);
    } else this.#listener.instrumentChanged(instrument, rows[head + 3]!, time);
  }
}
