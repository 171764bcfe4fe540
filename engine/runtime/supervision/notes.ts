import { Note } from '../../../schemas/generated/note.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { Arena } from '../arena/arena.js';
import { createStream } from '../edge/create-stream.js';
import { HEADER_BYTES } from '../edge/record.js';
import type { StreamReader } from '../edge/stream-reader.js';
import { StreamWriter } from '../edge/stream-writer.js';

/** A compute thread never returns to libuv and so cannot log: its lines and errors leave by a ring of their own. */
export type NoteLevel = 'info' | 'warn' | 'error' | 'fatal';

const levels: readonly NoteLevel[] = ['info', 'warn', 'error', 'fatal'];
const MAX_TEXT_BYTES = 6 * 1024;
const NO_ACTOR = 0xffffffff;

export interface ReadNote {
  level: NoteLevel;
  /** The board's number of the actor; undefined for the thread itself. */
  actor: number | undefined;
  seq: number;
  text: string;
}

export function createNotes(thread: string, engineRun: number): Arena {
  return createStream({
    name: `notes of ${thread}`,
    capacityBytes: 64 * 1024,
    maxBodyBytes: Note.sizeOf() + MAX_TEXT_BYTES,
    readers: 1,
    engineRun,
  });
}

/** Writes notes; drops and counts them when nobody reads, because a line of text must never stop an engine. */
export class NoteWriter {
  dropped = 0;
  private readonly writer: StreamWriter;
  private readonly note = new Note();
  private readonly encoder = new TextEncoder();

  constructor(arena: Arena) {
    this.writer = new StreamWriter(arena);
  }

  write(level: NoteLevel, actor: number | undefined, seq: number, text: string): void {
    const bytes = this.encoder.encode(text).subarray(0, MAX_TEXT_BYTES);
    const offset = this.writer.claim(MessageType.NOTE, Note.sizeOf() + bytes.length);
    if (offset < 0) {
      this.dropped++;
      return;
    }
    const { note, writer } = this;
    note.__init(offset + HEADER_BYTES, writer.buffer);
    note.mutate_level(levels.indexOf(level) + 1);
    note.mutate_actor(actor ?? NO_ACTOR);
    note.mutate_seq(seq);
    note.mutate_textBytes(bytes.length);
    const at = offset + HEADER_BYTES + Note.sizeOf();
    for (let index = 0; index < bytes.length; index++) writer.buffer.writeUint8(at + index, bytes[index]!);
    writer.publish();
  }
}

/** Hands over every note that waits. */
export function readNotes(reader: StreamReader, visit: (note: ReadNote) => void): void {
  if (!reader.hasPending()) return;
  const note = new Note();
  const decoder = new TextDecoder();
  reader.poll((_type, buffer, offset) => {
    note.__init(offset + HEADER_BYTES, buffer);
    const at = offset + HEADER_BYTES + Note.sizeOf();
    const text = new Uint8Array(note.textBytes());
    for (let index = 0; index < text.length; index++) text[index] = buffer.readUint8(at + index);
    const actor = note.actor();
    visit({
      level: levels[note.level() - 1] ?? 'error',
      actor: actor === NO_ACTOR ? undefined : actor,
      seq: note.seq(),
      text: decoder.decode(text),
    });
  }, Number.POSITIVE_INFINITY);
}
