import { defineIo, type IoActor, type IoContext, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { UntrustedStreamReader } from '../../engine/runtime/edge/untrusted-stream-reader.js';
import { openShared, type SharedHandle } from '../../engine/runtime/host/shared-memory.js';
import { CommandCode, readCommandChannel } from '../../engine/runtime/peers/command-channel.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { commands } from '../streams.js';

export interface PeerChannel {
  name: string;
  memory: SharedHandle;
}

export interface CommandsConfig {
  peers: readonly PeerChannel[];
}

/** People give commands: 20 ms more is nothing to them, and costs an idle engine little. */
const POLL_MS = 20;
const COMMANDS_PER_POLL = 16;

/** Brings the commands of the peers into the engine: copied out of their files first, validated after. */
class Commands implements IoActor {
  private readonly context: IoContext<CommandsConfig>;
  private readonly channels: { name: string; reader: UntrustedStreamReader; nonce: number; told: boolean }[];
  private readonly given = new OperatorCommand();
  private readonly written = new OperatorCommand();
  private timer: NodeJS.Timeout | undefined;

  constructor(context: IoContext<CommandsConfig>) {
    this.context = context;
    this.channels = context.config.peers.map(({ name, memory }) => ({
      name,
      reader: readCommandChannel(openShared(memory, 'write')),
      nonce: 0,
      told: false,
    }));
  }

  start(): void {
    if (this.channels.length > 0) this.timer = setInterval(() => this.poll(), POLL_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private poll(): void {
    this.channels.forEach((channel, peer) => {
      const taken = channel.reader.poll(
        (type, buffer, offset) =>
          type === MessageType.SMILE_ADJUSTMENT
            ? this.acceptAdjustment(peer, buffer, offset)
            : this.accept(peer, buffer, offset),
        COMMANDS_PER_POLL,
      );
      if (channel.reader.isDetached && !channel.told) {
        channel.told = true;
        this.context.log('error', `the command file of '${channel.name}' is corrupt; nothing more is read from it`);
      }
      if (taken > 0) {
        this.context.clock.tick();
        this.context.publish(this.context.clock.now[0]!);
      }
    });
  }

  /** A trader's shift of a smile: the filter bounds it, here it must only be one. */
  private acceptAdjustment(peer: number, buffer: ViewBuffer, offset: number): void {
    const { context } = this;
    const channel = this.channels[peer]!;
    const shift = new SmileAdjustment().__init(offset + HEADER_BYTES, buffer);
    const refusal = refusalOfShift(shift, channel.nonce);
    if (refusal !== undefined) {
      context.log('warn', `an adjustment of '${channel.name}' was refused: ${refusal}`);
      return;
    }
    channel.nonce = shift.nonce();
    const { out } = context;
    const at = out!.claim(MessageType.SMILE_ADJUSTMENT, SmileAdjustment.sizeOf());
    if (at < 0) {
      context.log('error', `an adjustment of '${channel.name}' was refused: the engine takes none at present`);
      return;
    }
    out!.buffer.view.setFloat64(at + HeaderOffset.RECEIVE_TIME, Date.now() * 1000, true);
    copyBody(buffer, offset + HEADER_BYTES, out!.buffer, at + HEADER_BYTES, SmileAdjustment.sizeOf());
    // Which peer it came through is what we know, not what it says.
    new SmileAdjustment().__init(at + HEADER_BYTES, out!.buffer).mutate_peer(peer);
  }

  /** The record is our own copy by now. */
  private accept(peer: number, buffer: ViewBuffer, offset: number): void {
    const { given, written, context } = this;
    const channel = this.channels[peer]!;
    given.__init(offset + HEADER_BYTES, buffer);
    const refusal = refusalOf(given, channel.nonce);
    if (refusal !== undefined) {
      context.log('warn', `a command of '${channel.name}' was refused: ${refusal}`);
      return;
    }
    channel.nonce = given.nonce();
    const { out } = context;
    const at = out!.claim(MessageType.OPERATOR_COMMAND, OperatorCommand.sizeOf());
    if (at < 0) {
      context.log('error', `a command of '${channel.name}' was refused: the engine takes none at present`);
      return;
    }
    out!.buffer.view.setFloat64(at + HeaderOffset.RECEIVE_TIME, Date.now() * 1000, true);
    written.__init(at + HEADER_BYTES, out!.buffer);
    written.mutate_command(given.command());
    written.mutate_user(given.user());
    written.mutate_instrument(given.instrument());
    // Which peer it came through is what we know, not what it says.
    written.mutate_peer(peer);
    written.mutate_argument(given.argument());
    written.mutate_nonce(given.nonce());
  }
}

/** Why an adjustment cannot be taken; undefined when it can. */
function refusalOfShift(shift: SmileAdjustment, lastNonce: number): string | undefined {
  const shifts = [shift.atmShift(), shift.skewShift(), shift.forwardShift()];
  if (!shifts.every(Number.isFinite)) return 'one of its shifts is not a finite number';
  if (!(shift.nonce() > lastNonce)) return `its nonce ${shift.nonce()} does not follow ${lastNonce}`;
  return undefined;
}

/** Why a command cannot be taken; undefined when it can. */
function refusalOf(command: OperatorCommand, lastNonce: number): string | undefined {
  const codes: readonly number[] = Object.values(CommandCode);
  if (!codes.includes(command.command())) return `there is no command ${command.command()}`;
  if (!Number.isFinite(command.argument())) return 'its argument is not a finite number';
  if (!(command.nonce() > lastNonce)) return `its nonce ${command.nonce()} does not follow ${lastNonce}`;
  return undefined;
}

export function operatorCommands(config: CommandsConfig): IoDefinition {
  return defineIo<CommandsConfig>({
    name: 'commands',
    reads: [],
    writes: commands,
    config,
    create: (context) => new Commands(context),
  });
}
