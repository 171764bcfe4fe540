import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { UntrustedStreamReader } from '../../engine/runtime/edge/untrusted-stream-reader.js';
import { openShared, type SharedHandle } from '../../engine/runtime/host/shared-memory.js';
import { readCommandChannel } from '../../engine/runtime/peers/command-channel.js';
import {
  CommandCode,
  CommandRefusal,
  commandLayout,
  ReceiptOutcome,
} from '../../engine/runtime/peers/command-layouts.js';
import { KillReason, killReasonText } from '../../engine/runtime/supervision/kill-reason.js';
import { AdaptivePoll } from '../../engine/runtime/wait/adaptive-poll.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { showReceipt } from '../display/receipt.js';

export interface PeerChannel {
  name: string;
  memory: SharedHandle;
}

export interface CommandsConfig {
  peers: readonly PeerChannel[];
}

/** People give commands: so much more is nothing to them. */
const POLL_MS = 20;
/** ... and where nobody has given one for a while, when the look itself would be a tenth of what an idle engine costs. */
const QUIET_POLL_MS = 100;
const COMMANDS_PER_POLL = 16;
const COMMAND_AT = fieldOffset(OperatorCommand, 'command');

/** Brings the commands of the peers into the engine: copied out of their files first, validated after. */
class Commands implements IoActor {
  private readonly context: IoContext<CommandsConfig>;
  private readonly channels: { name: string; reader: UntrustedStreamReader; nonce: number; told: boolean }[];
  private readonly polls = new AdaptivePoll(() => this.poll(), POLL_MS, QUIET_POLL_MS);
  private receipts = 0;

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
    if (this.channels.length > 0) this.polls.start();
  }

  stop(): void {
    this.polls.stop();
  }

  private poll(): void {
    this.channels.forEach((channel, peer) => {
      const taken = channel.reader.poll(
        (type, buffer, offset) => this.accept(peer, type, buffer, offset),
        COMMANDS_PER_POLL,
      );
      if (channel.reader.isDetached && !channel.told) {
        channel.told = true;
        this.context.log('error', `the command file of '${channel.name}' is corrupt; nothing more is read from it`);
      }
      if (taken > 0) {
        this.polls.found();
        this.context.clock.tick();
        this.context.publish(this.context.clock.now[0]!);
      }
    });
  }

  /** The record is our own copy by now. What it means its stage judges; here it must only be one. */
  private accept(peer: number, type: number, buffer: ViewBuffer, offset: number): void {
    const { context } = this;
    const channel = this.channels[peer]!;
    const layout = commandLayout(type)!;
    const body = offset + HEADER_BYTES;
    const nonce = buffer.readFloat64(body + layout.nonceAt);
    const refuse = (level: 'warn' | 'error', code: number, why: string): void => {
      context.log(level, `${layout.noun} of '${channel.name}' was refused: ${why}`);
      this.receipt(peer, type, nonce, ReceiptOutcome.REFUSED, code);
    };
    const objection = layout.objection(buffer, body);
    if (objection !== undefined) {
      refuse('warn', CommandRefusal.VALUE, objection);
      return;
    }
    if (!(nonce > channel.nonce)) {
      refuse('warn', CommandRefusal.NONCE, `its nonce ${nonce} does not follow ${channel.nonce}`);
      return;
    }
    channel.nonce = nonce;
    const out = context.out!;
    const at = out.claim(type, layout.bytes);
    if (at < 0) {
      refuse('error', CommandRefusal.ENGINE_BUSY, 'the engine takes none at present');
      return;
    }
    if (type === MessageType.OPERATOR_COMMAND && buffer.readUint32(body + COMMAND_AT) === CommandCode.REARM)
      this.rearm();
    out.buffer.view.setFloat64(at + HeaderOffset.RECEIVE_TIME, Date.now() * 1000, true);
    copyBody(buffer, body, out.buffer, at + HEADER_BYTES, layout.bytes);
    // Which peer it came through is what we know, not what it says.
    if (layout.peerAt >= 0) out.buffer.writeUint32(at + HEADER_BYTES + layout.peerAt, peer);
    this.receipt(peer, type, nonce, ReceiptOutcome.TAKEN, CommandRefusal.NONE);
  }

  /** Opens the latch that an operator set. What the engine itself set it for is not gone because somebody says so. */
  private rearm(): void {
    const { board } = this.context;
    const reason = board.killed();
    if (reason === KillReason.OPERATOR) board.rearm();
    else if (reason !== KillReason.NONE)
      this.context.log(
        'warn',
        `the kill latch stays set (${killReasonText(reason)}): end the engine and start it anew`,
      );
  }

  /** Shows the peer what became of its command. */
  private receipt(peer: number, type: number, nonce: number, outcome: number, refusal: number): void {
    const [shown] = this.context.shown ?? [];
    if (shown === undefined) return;
    const number = ++this.receipts;
    showReceipt(shown, { peer, type, outcome, refusal, nonce, seq: 0, time: Date.now() * 1000, number });
  }
}

export function create(context: IoContext<CommandsConfig>): IoActor {
  return new Commands(context);
}
