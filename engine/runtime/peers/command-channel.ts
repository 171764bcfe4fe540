import { OperatorCommand } from '../../../schemas/generated/operator-command.js';
import { SmileAdjustment } from '../../../schemas/generated/smile-adjustment.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type Arena, attachArena, releaseWriter } from '../arena/arena.js';
import { EdgeKind, PEER_KILL } from '../arena/layout.js';
import { formatStream, type StreamOptions, streamBytes } from '../edge/create-stream.js';
import { HEADER_BYTES } from '../edge/record.js';
import { StreamWriter } from '../edge/stream-writer.js';
import { UntrustedStreamReader } from '../edge/untrusted-stream-reader.js';
import { COMMAND_LAYOUTS, CommandCode, commandLayout, LARGEST_COMMAND } from './command-layouts.js';

/** Bytes of the ring of commands in a peer's file. */
const CAPACITY_BYTES = 16 * 1024;

export { CommandCode };

export const EVERY_INSTRUMENT = 0xffffffff;

function options(peer: string, engineRun: number): StreamOptions {
  return {
    name: `commands-${peer}`,
    capacityBytes: CAPACITY_BYTES,
    maxBodyBytes: LARGEST_COMMAND,
    readers: 1,
    engineRun,
  };
}

/** A trader's shift of one expiry's smile and forward; units as in SmileAdjustment. */
export interface SmileShift {
  underlying: number;
  /** Index of the expiry; 0xffffffff for every one of the underlying. */
  expiry: number;
  atmShift: number;
  skewShift: number;
  forwardShift: number;
}

/** Bytes of one peer's file. */
export function commandChannelBytes(): number {
  return streamBytes(options('', 0));
}

/** Formats zeroed memory as a peer's file: its commands, its presence and its kill word. */
export function formatCommandChannel(memory: ArrayBufferLike, peer: string, engineRun: number): Arena {
  return formatStream(memory, options(peer, engineRun));
}

/** The peer's end: writes commands. */
export class CommandWriter {
  /** Words of the file, for the peer's presence. */
  readonly words: Int32Array;
  private readonly writer: StreamWriter;
  private readonly command = new OperatorCommand();
  private readonly peer: number;
  private nonce: number;

  /** `firstNonce` must be greater than any that this peer, or one before it, has used. */
  constructor(memory: ArrayBufferLike, peerName: string, peer: number, engineRun: number, firstNonce: number) {
    const arena = attachArena(memory, options(peerName, engineRun).name, EdgeKind.STREAM, engineRun);
    // The one before this one may have died with the place in its hand; the engine starts one at a time.
    releaseWriter(arena);
    this.writer = new StreamWriter(arena);
    this.words = arena.words;
    this.peer = peer;
    this.nonce = firstNonce;
  }

  /** False when the engine has not taken the commands before; nothing is queued here. */
  send(code: CommandCode, user: number, instrument = EVERY_INSTRUMENT, argument = 0): boolean {
    const { writer, command } = this;
    const offset = writer.claim(MessageType.OPERATOR_COMMAND, OperatorCommand.sizeOf());
    if (offset < 0) return false;
    command.__init(offset + HEADER_BYTES, writer.buffer);
    command.mutate_command(code);
    command.mutate_user(user);
    command.mutate_instrument(instrument);
    command.mutate_peer(this.peer);
    command.mutate_argument(argument);
    command.mutate_nonce(++this.nonce);
    writer.publish();
    return true;
  }

  /** A trader's shift of a smile, see SmileAdjustment; false as for `send`. */
  adjust(user: number, shift: SmileShift): boolean {
    const { writer } = this;
    const offset = writer.claim(MessageType.SMILE_ADJUSTMENT, SmileAdjustment.sizeOf());
    if (offset < 0) return false;
    const adjustment = new SmileAdjustment().__init(offset + HEADER_BYTES, writer.buffer);
    adjustment.mutate_underlying(shift.underlying);
    adjustment.mutate_expiry(shift.expiry);
    adjustment.mutate_user(user);
    adjustment.mutate_peer(this.peer);
    adjustment.mutate_atmShift(shift.atmShift);
    adjustment.mutate_skewShift(shift.skewShift);
    adjustment.mutate_forwardShift(shift.forwardShift);
    adjustment.mutate_nonce(++this.nonce);
    writer.publish();
    return true;
  }

  /**
   * Any struct that a peer may send; `fill` writes its fields, nonce and peer are set here. The nonce, by which its receipt is
   * known; 0 where the engine has not taken the commands before.
   */
  give(type: number, fill: (buffer: ViewBuffer, at: number) => void): number {
    const { writer } = this;
    const layout = commandLayout(type);
    if (layout === undefined) throw new Error(`a peer may not send records of type ${type}`);
    const offset = writer.claim(type, layout.bytes);
    if (offset < 0) return 0;
    const at = offset + HEADER_BYTES;
    fill(writer.buffer, at);
    if (layout.peerAt >= 0) writer.buffer.writeUint32(at + layout.peerAt, this.peer);
    writer.buffer.writeFloat64(at + layout.nonceAt, ++this.nonce);
    writer.publish();
    return this.nonce;
  }

  /** Kills the engine at once: execution looks at this word before every write. */
  kill(): void {
    Atomics.store(this.words, PEER_KILL, 1);
  }
}

/** The engine's end: believes nothing that stands in the peer's file. */
export function readCommandChannel(memory: ArrayBufferLike): UntrustedStreamReader {
  return new UntrustedStreamReader(memory, {
    capacityBytes: CAPACITY_BYTES,
    bodies: new Map(COMMAND_LAYOUTS.map(({ type, bytes }) => [type, bytes])),
  });
}
