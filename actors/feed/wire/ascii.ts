/** Bytes that JSON's grammar turns on. */
export const QUOTE = 0x22;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const ZERO = 0x30;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;

/** The four bytes at the start of these words, as a little-endian integer. */
export const NULL = 0x6c6c756e;
export const TRUE = 0x65757274;
export const FALS = 0x736c6166;

/**
 * Bytes that must be readable behind every frame: scanners look ahead in words. What is read there never decides
 * anything, since a frame counts only when its scan ends exactly at the frame's end.
 */
export const SCAN_PADDING = 16;
