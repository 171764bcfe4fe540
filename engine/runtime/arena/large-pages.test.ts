import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { libc } from '../native/libc.js';
import { inLargePages } from './large-pages.js';

const MODES = '/sys/kernel/mm/transparent_hugepage/enabled';

/** Whether the kernel gives large pages to those who ask. */
function hasLargePages(): boolean {
  try {
    return libc() !== undefined && /\[(madvise|always)\]/.test(readFileSync(MODES, 'utf8'));
  } catch {
    return false;
  }
}

describe('memory behind large pages', () => {
  it('is the very memory that was given, and still zeroed', () => {
    const memory = new SharedArrayBuffer(8 << 20);
    expect(inLargePages(memory)).toBe(memory);
    expect(new Float64Array(memory).every((number) => number === 0)).toBe(true);
  });

  it('may be too small to be asked for', () => {
    const memory = new ArrayBuffer(8);
    expect(inLargePages(memory)).toBe(memory);
  });

  it.runIf(hasLargePages())('is advised on where the kernel has large pages, and only on whole pages of it', () => {
    expect(libc()!.adviseLargePages(new ArrayBuffer(8 << 20))).toBe(true);
    expect(libc()!.adviseLargePages(new ArrayBuffer(16))).toBe(false);
  });
});
