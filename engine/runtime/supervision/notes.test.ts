import { describe, expect, it } from 'vitest';
import { StreamReader } from '../edge/stream-reader.js';
import { createNotes, NoteWriter, type ReadNote, readNotes } from './notes.js';

function notes() {
  const arena = createNotes('core', 1);
  const reader = new StreamReader(arena, 0);
  const read = (): ReadNote[] => {
    const all: ReadNote[] = [];
    readNotes(reader, (note) => all.push(note));
    return all;
  };
  return { writer: new NoteWriter(arena), read };
}

describe('notes of a thread', () => {
  it('arrive in order, with who wrote them, when, and every character', () => {
    const { writer, read } = notes();
    writer.write('info', 3, 42, 'größer als 5 µs — 価格');
    writer.write('fatal', undefined, 0, '');
    expect(read()).toEqual([
      { level: 'info', actor: 3, seq: 42, text: 'größer als 5 µs — 価格' },
      { level: 'fatal', actor: undefined, seq: 0, text: '' },
    ]);
    expect(read()).toEqual([]);
  });

  it('are cut when they are too long', () => {
    const { writer, read } = notes();
    writer.write('error', 0, 1, 'x'.repeat(100_000));
    expect(read()[0]!.text).toHaveLength(6 * 1024);
  });

  it('are dropped and counted while nobody reads, and never stop the writer', () => {
    const { writer, read } = notes();
    for (let count = 0; count < 1000; count++) writer.write('warn', 0, count, 'x'.repeat(1000));
    const kept = read();
    expect(kept.length + writer.dropped).toBe(1000);
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index));
    writer.write('info', 0, 7, 'again');
    expect(read().map(({ text }) => text)).toEqual(['again']);
  });
});
