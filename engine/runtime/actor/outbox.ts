import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { RuntimeSetupError } from '../arena/arena.js';
import { HEADER_BYTES, HeaderOffset } from '../edge/record.js';
import type { StreamWriter } from '../edge/stream-writer.js';

/** Header fields that an output copies from the input record that is being handled, as float64 indexes of `inherited`. */
const SEQ = 0;
const EVENT_TIME = 1;
const EXCHANGE_TIME = 2;
const RECEIVE_TIME = 3;
export const INHERITED = 4;
/** Timer requests after which readers are woken although there is nothing else to read: they must not fill the ring. */
const MOST_UNTOLD = 32;

/**
 * Where a core actor writes. Every record carries the log event that it answers, and the times of the input record that
 * was being handled.
 */
export class Outbox {
  /** Write bodies here, at the offset that `emit` gives. */
  readonly buffer: ViewBuffer;
  readonly writer: StreamWriter;
  private readonly view: DataView;
  private readonly inherited: Float64Array;
  private readonly engineId: number;
  /** Called when the ring is full; returns when there is room, or throws. */
  private readonly waitForRoom: (writer: StreamWriter) => void;
  private hasSpoken = false;
  /** Timer requests since readers were last to be woken. */
  private untold = 0;

  /** @param inherited memory of what is being answered, where it is shared: stages that take each event together answer the same record */
  constructor(
    writer: StreamWriter,
    engineId: number,
    waitForRoom: (writer: StreamWriter) => void,
    inherited: Float64Array = new Float64Array(INHERITED),
  ) {
    this.inherited = inherited;
    this.writer = writer;
    this.buffer = writer.buffer;
    this.view = writer.buffer.view;
    this.engineId = engineId;
    this.waitForRoom = waitForRoom;
  }

  /** Begins a record whose body is this many zero bytes. @returns the body's offset in `buffer` */
  emit(type: number, bodyBytes: number): number {
    let offset = this.writer.claim(type, bodyBytes);
    while (offset < 0) {
      this.waitForRoom(this.writer);
      offset = this.writer.claim(type, bodyBytes);
    }
    if (type !== MessageType.TIMER_REQUEST || ++this.untold === MOST_UNTOLD) this.hasSpoken = true;
    const { view, inherited } = this;
    view.setFloat64(offset + HeaderOffset.SEQ, inherited[SEQ]!, true);
    view.setFloat64(offset + HeaderOffset.CAUSE, inherited[SEQ]!, true);
    view.setFloat64(offset + HeaderOffset.EVENT_TIME, inherited[EVENT_TIME]!, true);
    view.setFloat64(offset + HeaderOffset.EXCHANGE_TIME, inherited[EXCHANGE_TIME]!, true);
    view.setFloat64(offset + HeaderOffset.RECEIVE_TIME, inherited[RECEIVE_TIME]!, true);
    view.setUint16(offset + HeaderOffset.ENGINE, this.engineId, true);
    return offset + HEADER_BYTES;
  }

  /** For the runtime alone: whether it has written anything since this was asked last that readers must be woken for. A few timer requests are not: only the sequencer wants them. */
  spoke(): boolean {
    const { hasSpoken } = this;
    if (hasSpoken) {
      this.hasSpoken = false;
      this.untold = 0;
    }
    return hasSpoken;
  }

  /** For the runtime alone: what is written from now on answers the record at this offset. */
  answer(buffer: ViewBuffer, offset: number): void {
    inherit(this.inherited, buffer, offset);
  }
}

/** Copies the header fields that outputs take over from the record at this offset. */
export function inherit(inherited: Float64Array, buffer: ViewBuffer, offset: number): void {
  const { view } = buffer;
  inherited[SEQ] = view.getFloat64(offset + HeaderOffset.SEQ, true);
  inherited[EVENT_TIME] = view.getFloat64(offset + HeaderOffset.EVENT_TIME, true);
  inherited[EXCHANGE_TIME] = view.getFloat64(offset + HeaderOffset.EXCHANGE_TIME, true);
  inherited[RECEIVE_TIME] = view.getFloat64(offset + HeaderOffset.RECEIVE_TIME, true);
}

/** For actors that share a thread: room for their declared burst was reserved before the event began, so they have written more than they declared. */
export function refuseBurst(writer: StreamWriter): void {
  throw new RuntimeSetupError(
    `stream '${writer.arena.name}' is full in the middle of an event: its actor wrote more than the burst that it declares`,
  );
}
