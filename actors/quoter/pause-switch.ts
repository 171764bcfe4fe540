import {
  EVERY_GROUP,
  NO_INSTRUMENT,
  NO_QUOTE_SET,
  NO_UNDERLYING,
  PullReason,
  Scope,
  Strategy,
} from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { QuotePull } from '../../schemas/generated/quote-pull.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** A pause, and all the more a halt, pulls every quote at once; nothing is quoted until it is over. */
export class PauseSwitch {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  private readonly command = new OperatorCommand();
  private readonly pulled = new QuotePull();

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    this.context = context;
    this.memory = memory;
    this.touched = touched;
  }

  get isPaused(): boolean {
    return this.memory.paused[0] !== 0;
  }

  takeCommand(buffer: ViewBuffer, body: number): void {
    const { command } = this;
    const { paused } = this.memory;
    command.__init(body, buffer);
    const code = command.command();
    if (code !== CommandCode.PAUSE && code !== CommandCode.HALT && code !== CommandCode.RESUME) return;
    const pauses = code !== CommandCode.RESUME;
    const reason = code === CommandCode.HALT ? PullReason.HALTED : PullReason.PAUSED;
    if (pauses && paused[0] === 0) this.pullEverything(reason);
    paused[0] = pauses ? reason : 0;
    if (!pauses) this.touched.addEverything();
  }

  private pullEverything(reason: number): void {
    const { out, config } = this.context;
    const pulled = this.pulled.__init(out.emit(MessageType.QUOTE_PULL, QuotePull.sizeOf()), out.buffer);
    pulled.mutate_scope(Scope.EVERYTHING);
    pulled.mutate_instrument(NO_INSTRUMENT);
    pulled.mutate_underlying(NO_UNDERLYING);
    pulled.mutate_strategy(Strategy.QUOTER);
    pulled.mutate_group(EVERY_GROUP);
    pulled.mutate_reason(reason);
    pulled.mutate_quoteSet(NO_QUOTE_SET);
    pulled.mutate_minDelta(Number.NaN);
    pulled.mutate_maxDelta(Number.NaN);
    const { rows } = this.memory;
    for (let id = 0; id < config.instruments; id++) {
      const row = id * Row.SIZE;
      rows[row + Row.BID_AMOUNT] = 0;
      rows[row + Row.ASK_AMOUNT] = 0;
      rows[row + Row.REASON] = reason;
    }
  }
}
