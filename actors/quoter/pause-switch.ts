import { EVERY_INSTRUMENT } from '../../engine/market/instrument.js';
import { PullReason } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { endsWithRun } from '../stage-parts/halt-of-run.js';
import { PullWriter } from './pull-writer.js';
import { Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';
import type { TouchedInstruments } from './touched-instruments.js';

/** A pause of everything, and all the more a halt, pulls every quote at once; nothing is quoted until it is over. That of one instrument is a trader's wish. */
export class PauseSwitch {
  private readonly memory: QuoterMemory;
  private readonly touched: TouchedInstruments;
  private readonly command = new OperatorCommand();
  private readonly pulls: PullWriter;

  constructor(context: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, touched: TouchedInstruments) {
    this.memory = memory;
    this.touched = touched;
    this.pulls = new PullWriter(context.out);
  }

  /** Why nothing is quoted at all, a PullReason; NONE while that is not so. */
  get reason(): number {
    return this.memory.paused[0]!;
  }

  takeCommand(buffer: ViewBuffer, body: number): void {
    const { command } = this;
    const { paused } = this.memory;
    command.__init(body, buffer);
    const code = command.command();
    if (code !== CommandCode.PAUSE && code !== CommandCode.HALT && code !== CommandCode.RESUME) return;
    if (code !== CommandCode.HALT && command.instrument() !== EVERY_INSTRUMENT) return;
    const pauses = code !== CommandCode.RESUME;
    const reason = code === CommandCode.HALT ? PullReason.HALTED : PullReason.PAUSED;
    if (pauses && paused[0] === 0) this.pullEverything(reason);
    paused[1] = endsWithRun(command) && (paused[0] === 0 || paused[1] === 1) ? 1 : 0;
    paused[0] = pauses ? reason : 0;
    if (!pauses) this.touched.addEverything();
  }

  /** Another start of the engine, which need not have what the one before was halted for. */
  onNewRun(): void {
    const { paused, rows } = this.memory;
    if (paused[1] === 1) paused.fill(0);
    else if (paused[0] === 0) return;
    // Who looks at this run has not been told why nothing is quoted.
    else for (let reason: number = Row.REASON; reason < rows.length; reason += Row.SIZE) rows[reason] = PullReason.NONE;
    this.touched.addEverything();
  }

  /** By one request; each option says so besides, for whoever looks at it. */
  private pullEverything(reason: number): void {
    this.pulls.pullEverything(reason);
    this.touched.addEverything();
  }
}
