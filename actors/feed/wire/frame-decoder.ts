import { type FieldOf, fieldOffset, type Struct } from '../../../schemas/field-offset.js';
import { Header } from '../../../schemas/generated/header.js';
import type { FieldMap } from './field.js';
import { FrameMemory } from './frame-memory.js';
import { learnShape, MOST_SHAPES } from './learn.js';
import { NameTable } from './name-table.js';
import { type Destination, Refusal, type RefusalCode, RefusedMessage, writeParsed } from './reference.js';
import { RememberedValues } from './remembered-values.js';
import type { RunShapes, Shape } from './shape.js';
import { ShapeReader } from './shape-reader.js';

/** Bytes of the header in front of every record. */
export const HEADER_BYTES = 56;

const LENGTH = fieldOffset(Header, 'length');
const TYPE = fieldOffset(Header, 'type');
const FLAGS = fieldOffset(Header, 'flags');

/** Bytes from a record's start to its exchangeTime, for the field maps of the venues. */
export const EXCHANGE_TIME = fieldOffset(Header, 'exchangeTime');

/** Bytes from a record's start to a field of its body. */
export function bodyOffset<T extends Struct>(struct: new () => T, field: FieldOf<T>): number {
  return HEADER_BYTES + fieldOffset(struct, field);
}

/** Envelopes that are learnt before the decoder takes the slow road for any other. */
const MOST_PREFIXES = 16;

/** A kind of message that a venue sends on its channels. */
export interface MessageKind {
  /** The venue's word for it, such as `book`. */
  name: string;
  /** Message type id of the record. */
  type: number;
  /** Bytes of the record's body struct. */
  bodyBytes: number;
  /** Offsets count from the record's start, header included. */
  fields: FieldMap;
  /** Offsets of the body's uint32 fields that are always zero. */
  zeros: readonly number[];
  /** Whether most values of a message are those of the channel's last one, so that remembering them pays. */
  repeats?: boolean;
  /** Sets what follows from the other fields; `end` is where the run ends. */
  finish?: (slot: DataView, record: number, end: number) => void;
}

/** How a venue wraps its messages. */
export interface Envelope {
  /** Path to the channel's name. */
  channelPath: string;
  /** Whether a parsed message brings data of a channel; anything else is for the session. */
  isData: (message: unknown) => boolean;
}

/** How many frames took which way. */
export interface DecoderCounters {
  /** Read by a learnt shape, without garbage. */
  scanned: number;
  /** Read by JSON.parse: shapes not met before, messages for the session, refused frames. */
  parsed: number;
  /** Shapes learnt. */
  learnt: number;
  /** Messages for the session: answers, heartbeats, errors. */
  control: number;
  /** By refusal code. */
  refused: number[];
}

interface KindState {
  readonly kind: MessageKind;
  readonly shapes: Shape[];
  readonly runs: Map<string, RunShapes>;
}

/**
 * Turns a venue's frames into records. A frame of a shape that came before is scanned from its bytes straight into the
 * record; the first frame of a shape, and whatever is unusual, goes through JSON.parse and is counted. A shape is kept
 * only once it has reproduced, byte for byte, the record that the reference parser made of the same frame.
 */
export class FrameDecoder {
  /** What the last frame said, when it was for the session. */
  control: unknown = undefined;
  /** Why the last frame was refused, in words. */
  explanation = '';
  readonly counters: DecoderCounters = {
    scanned: 0,
    parsed: 0,
    learnt: 0,
    control: 0,
    refused: Object.keys(Refusal).map(() => 0),
  };
  /** Names of instruments and indices, and their ids. */
  readonly names: NameTable;

  readonly #envelope: Envelope;
  readonly #kinds: KindState[];
  readonly #channels = new NameTable();
  /** Channels whose messages are rare, and are passed on as they are. */
  readonly #passedOn = new Set<string>();
  readonly #reader: ShapeReader;
  #kindOf = new Int32Array(64);
  #subjectOf = new Int32Array(64);
  #shapeOf = new Int32Array(64);
  #remembered: (RememberedValues | undefined)[] = [];
  #prefix: Buffer = Buffer.alloc(0);
  #prefixWords = new Float64Array(0);
  #prefixes = 0;

  constructor(envelope: Envelope, kinds: readonly MessageKind[], names = new NameTable()) {
    this.names = names;
    this.#envelope = envelope;
    this.#kinds = kinds.map((kind) => ({ kind, shapes: [], runs: new Map() }));
    this.#reader = new ShapeReader(names, new FrameMemory(0));
  }

  /** Expects messages on a channel that are for the session, in `control`, like those that are no data. */
  passOn(channel: string): void {
    this.#passedOn.add(channel);
  }

  /**
   * Expects data of a kind on a channel.
   * @param subject id of the one instrument or index that the channel is about; -1 where it brings many
   */
  subscribe(channel: string, kindName: string, subject: number): void {
    const kind = this.#kinds.findIndex((state) => state.kind.name === kindName);
    if (kind < 0) throw new Error(`no kind of message is called '${kindName}'`);
    let index = this.#channels.get(channel);
    if (index < 0) index = this.#channels.size;
    if (index === this.#kindOf.length) {
      this.#kindOf = grown(this.#kindOf);
      this.#subjectOf = grown(this.#subjectOf);
      this.#shapeOf = grown(this.#shapeOf);
    }
    this.#channels.set(channel, index);
    this.#kindOf[index] = kind;
    this.#subjectOf[index] = subject;
    this.#shapeOf[index] = 0;
    this.#remembered[index] = undefined;
  }

  /**
   * Reads the frame between two positions into the record at `record`, which may reach to `limit`.
   * @returns bytes of the record; 0 where the frame is for the session (`control`); -1 - code where it is refused
   */
  decode(memory: FrameMemory, start: number, end: number, slot: DataView, record: number, limit: number): number {
    const position = this.#skipPrefix(memory, start);
    if (position > 0) {
      const channels = this.#channels;
      const channel = channels.find(memory, position);
      if (channel >= 0) {
        const { kind, shapes } = this.#kinds[this.#kindOf[channel]!]!;
        const runOffset = HEADER_BYTES + kind.bodyBytes;
        const expected = this.#shapeOf[channel]!;
        for (let tried = 0; tried < shapes.length && record + runOffset <= limit; tried++) {
          const index = tried === 0 ? expected : tried - 1 < expected ? tried - 1 : tried;
          const reader = this.#reader;
          const subject = this.#subjectOf[channel]!;
          const remembered = tried === 0 ? this.#remembered[channel] : undefined;
          const found = reader.read(
            shapes[index]!,
            memory,
            channels.end,
            slot,
            record,
            runOffset,
            limit,
            subject,
            remembered,
          );
          if (found === end) {
            if (tried > 0 || (kind.repeats && remembered === undefined)) this.#expect(channel, index);
            this.counters.scanned++;
            return complete(kind, slot, record, reader.runEnd);
          }
        }
      }
    }
    return this.#parse(memory, start, end, slot, record, limit);
  }

  /** Counts and explains a frame that never reached the decoder, such as one that is too long. */
  refuse(reason: RefusalCode, explanation: string): number {
    this.counters.refused[reason]!++;
    this.explanation = explanation;
    return -1 - reason;
  }

  /** The channel's messages now come in this shape. */
  #expect(channel: number, index: number): void {
    const { kind, shapes } = this.#kinds[this.#kindOf[channel]!]!;
    this.#shapeOf[channel] = index;
    if (kind.repeats) this.#remembered[channel] = new RememberedValues(shapes[index]!.stepCount);
  }

  /** Compares the part in front of the channel's name, eight bytes at a time and the last one overlapping. */
  #skipPrefix(memory: FrameMemory, start: number): number {
    const words = this.#prefixWords;
    const last = words.length - 1;
    if (last < 1) return -1;
    const end = start + this.#prefix.length;
    if (end > memory.capacity) return -1;
    const { view } = memory;
    for (let index = 0, position = start; index < last; index++, position += 8) {
      if (view.getFloat64(position, true) !== words[index]) return -1;
    }
    return view.getFloat64(end - 8, true) === words[last] ? end : -1;
  }

  #parse(memory: FrameMemory, start: number, end: number, slot: DataView, record: number, limit: number): number {
    this.counters.parsed++;
    let text: string;
    let message: unknown;
    try {
      text = strictText.decode(memory.bytes.subarray(start, end));
      message = JSON.parse(text);
    } catch (error) {
      return this.refuse(Refusal.MALFORMED, `a frame of ${end - start} bytes is not JSON: ${(error as Error).message}`);
    }
    if (!this.#envelope.isData(message)) {
      this.counters.control++;
      this.control = message;
      return 0;
    }
    try {
      const name = channelOf(message, this.#envelope.channelPath);
      const channel = typeof name === 'string' ? this.#channels.get(name) : -1;
      if (typeof name === 'string' && this.#passedOn.has(name)) {
        this.counters.control++;
        this.control = message;
        return 0;
      }
      if (channel < 0)
        throw new RefusedMessage(Refusal.UNKNOWN_CHANNEL, `nobody subscribed to ${JSON.stringify(name)}`);
      const state = this.#kinds[this.#kindOf[channel]!]!;
      const subject = this.#subjectOf[channel]!;
      const length = writeRecord(state.kind, message, this.names, { slot, record, limit, subject });
      this.#learn(
        state,
        channel,
        text,
        memory,
        start,
        end,
        new Uint8Array(slot.buffer, slot.byteOffset + record, length),
      );
      return length;
    } catch (error) {
      if (error instanceof RefusedMessage) return this.refuse(error.reason, error.message);
      throw error;
    }
  }

  #learn(
    state: KindState,
    channel: number,
    text: string,
    memory: FrameMemory,
    start: number,
    end: number,
    reference: Uint8Array,
  ): void {
    const { kind, shapes, runs } = state;
    if (shapes.length === MOST_SHAPES && this.#prefixes >= MOST_PREFIXES) return;
    const learnt = learnShape(text, this.#envelope.channelPath, kind.fields, (path) => runShapesOf(kind, runs, path));
    if (learnt === undefined) return;
    const { shape, prefix } = learnt;
    const subject = this.#subjectOf[channel]!;
    const runOffset = HEADER_BYTES + kind.bodyBytes;
    const proof = new DataView(new ArrayBuffer(reference.length));
    const at = start + prefix.length + learnt.channel.length + 1;
    const found = this.#reader.read(shape, memory, at, proof, 0, runOffset, reference.length, subject, undefined);
    if (found !== end) return;
    complete(kind, proof, 0, this.#reader.runEnd);
    if (Buffer.compare(new Uint8Array(proof.buffer, HEADER_BYTES), reference.subarray(HEADER_BYTES)) !== 0) return;
    if (
      proof.getFloat64(EXCHANGE_TIME, true) !==
      new DataView(reference.buffer, reference.byteOffset).getFloat64(EXCHANGE_TIME, true)
    )
      return;
    const bytes = Buffer.from(prefix, 'latin1');
    if (Buffer.compare(bytes, this.#prefix) !== 0) {
      if (this.#prefixes >= MOST_PREFIXES) return;
      this.#prefixes++;
      this.#prefix = bytes;
      const words: number[] = [];
      for (let from = 0; from + 8 <= bytes.length; from += 8) words.push(bytes.readDoubleLE(from));
      if (bytes.length >= 8) words.push(bytes.readDoubleLE(bytes.length - 8));
      this.#prefixWords = Float64Array.from(words);
    }
    const known = shapes.findIndex(({ key }) => key === shape.key);
    if (known < 0 && shapes.length === MOST_SHAPES) return;
    this.#expect(channel, known < 0 ? shapes.push(shape) - 1 : known);
    this.counters.learnt++;
  }
}

/**
 * Writes a parsed message to a record, the slow way, and returns the record's length; throws RefusedMessage.
 */
export function writeRecord(
  kind: MessageKind,
  message: unknown,
  names: NameTable,
  to: Omit<Destination, 'runOffset'>,
): number {
  const runOffset = HEADER_BYTES + kind.bodyBytes;
  if (to.record + runOffset > to.limit) throw new RefusedMessage(Refusal.TOO_MANY, 'no room for the record');
  return complete(kind, to.slot, to.record, writeParsed(message, kind.fields, names, { ...to, runOffset }));
}

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

function runShapesOf(kind: MessageKind, runs: Map<string, RunShapes>, path: string): RunShapes {
  let shapes = runs.get(path);
  if (shapes === undefined) {
    const layout = kind.fields[path]?.run;
    if (layout === undefined) throw new Error(`'${path}' of '${kind.name}' is no run`);
    shapes = { ...layout, shapes: [] };
    runs.set(path, shapes);
  }
  return shapes;
}

function channelOf(message: unknown, path: string): unknown {
  let value = message;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[key];
  return value;
}

/** Writes what is the same in every record of a kind, and returns the record's length. */
function complete(kind: MessageKind, slot: DataView, record: number, runEnd: number): number {
  for (let index = 0; index < kind.zeros.length; index++) slot.setUint32(record + kind.zeros[index]!, 0, true);
  kind.finish?.(slot, record, runEnd);
  slot.setUint32(record + LENGTH, runEnd, true);
  slot.setUint16(record + TYPE, kind.type, true);
  slot.setUint16(record + FLAGS, 0, true);
  return runEnd;
}
