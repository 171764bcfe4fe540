import type { Arena } from '../../engine/runtime/arena/arena.js';
import { createLatest } from '../../engine/runtime/edge/create-latest.js';
import { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { UntrustedStreamReader } from '../../engine/runtime/edge/untrusted-stream-reader.js';
import {
  CommandWriter,
  commandChannelBytes,
  formatCommandChannel,
  readCommandChannel,
} from '../../engine/runtime/peers/command-channel.js';
import { type Board, boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { Fill } from '../../schemas/generated/fill.js';
import { MessageType } from '../../schemas/message-type.js';
import { EngineView } from '../engine-view.js';
import { Gateway, type GatewayOptions } from '../gateway.js';
import type { OwnCounters } from '../topics/board-source.js';
import { TopicSet } from '../topics/topic-set.js';
import { chooseTransport, type TransportChoice } from '../transport/choose-transport.js';
import type { Service, Transport } from '../transport/transport.js';

export const TOKEN = 'token-of-the-terminal';
const plan = { threads: ['core'], actors: ['book', 'risk'] };

/** A gateway over memory that a test writes, as an engine would. */
export class GatewayDesk {
  readonly board: Board;
  readonly gateway: Gateway;
  readonly tops: LatestWriter;
  readonly fills: LatestWriter;
  readonly given: UntrustedStreamReader;
  readonly topics: TopicSet;
  readonly own: OwnCounters = { clients: 0, lagging: 0, frames: 0 };
  private readonly top = new BookTop();
  private readonly fill = new Fill();
  private transport: Transport | undefined;
  private fillCount = 0;
  port = 0;

  /** `others`: more of what an engine shows, by the names of the edges. */
  constructor(
    instruments = 64,
    options: Partial<GatewayOptions> = {},
    others: readonly (readonly [name: string, arena: Arena])[] = [],
  ) {
    const file = new SharedArrayBuffer(commandChannelBytes());
    formatCommandChannel(file, 'gateway', 1);
    this.given = readCommandChannel(file);
    const commands = new CommandWriter(file, 'gateway', 0, 1, 0);
    this.board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1, [commands.words]);
    this.board.state = EngineStateCode.ACTIVE;
    const shown = new Map<string, Arena>(others);
    const open = (name: string, keys: number, maxBodyBytes: number): LatestWriter => {
      const arena = createLatest({ name, keys, maxBodyBytes, engineRun: 1 });
      shown.set(name, arena);
      return new LatestWriter(arena);
    };
    this.tops = open('tops-shown', instruments, BookTop.sizeOf());
    this.fills = open('fills-shown', 4096, Fill.sizeOf());
    this.topics = new TopicSet({ board: this.board, engineRun: 1, shown, own: this.own });
    this.gateway = new Gateway({
      topics: this.topics,
      view: new EngineView(this.board, undefined),
      board: this.board,
      commands,
      peer: 0,
      token: TOKEN,
      epoch: 77,
      own: this.own,
      secure: false,
      version: '0',
      limit: { perSecond: 1e6, burst: 1e6 },
      ...options,
    });
  }

  async serve(
    choice: TransportChoice,
    wrap: (service: Service) => Service = (service) => service,
    settings: { requestMs?: number } = {},
  ): Promise<number> {
    this.transport = chooseTransport(choice, { host: '127.0.0.1', port: 0, ...settings }, wrap(this.gateway));
    this.port = await this.transport.listen();
    this.gateway.serves([`127.0.0.1:${this.port}`]);
    this.gateway.start();
    return this.port;
  }

  async close(): Promise<void> {
    this.gateway.stop();
    await this.transport?.close();
  }

  /** Shows the top of an instrument. */
  showTop(instrument: number, bid: number, time = 1): void {
    const { tops, top } = this;
    const at = tops.claim(instrument, MessageType.BOOK_TOP, BookTop.sizeOf());
    top.__init(at + HEADER_BYTES, tops.buffer);
    top.mutate_instrument(instrument);
    top.mutate_bidPrice(bid);
    top.mutate_askPrice(bid + 1);
    top.mutate_staleSince(Number.NaN);
    tops.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, time, true);
    tops.publish(instrument);
  }

  showFill(price: number): void {
    const { fills, fill } = this;
    const key = this.fillCount++ % fills.keys;
    const at = fills.claim(key, MessageType.FILL, Fill.sizeOf());
    fill.__init(at + HEADER_BYTES, fills.buffer);
    fill.mutate_price(price);
    fills.buffer.view.setFloat64(at + HeaderOffset.SEQ, this.fillCount, true);
    fills.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, this.fillCount, true);
    fills.publish(key);
  }

  /** Types of the commands that have arrived at the engine's door. */
  commandTypes(): number[] {
    const types: number[] = [];
    this.given.poll((type) => types.push(type), 1000);
    return types;
  }
}
