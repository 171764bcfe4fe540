/**
 * What can be wrong with the frames that a server sends, by name: the code that RFC 6455 closes with, and what it means. A message that is
 * too long is told in the words of `ws`, which people know.
 */
export const frameFaults = {
  RESERVED_BITS: { code: 1002, text: 'a frame uses bits of an extension that was not agreed on' },
  UNKNOWN_OPCODE: { code: 1002, text: 'a frame is of a kind that does not exist' },
  MASKED: { code: 1002, text: 'a frame is masked, which only clients do' },
  LENGTH_NOT_MINIMAL: { code: 1002, text: 'a frame writes its length with more bytes than it needs' },
  CONTROL_FRAGMENTED: { code: 1002, text: 'a control frame comes in parts' },
  CONTROL_TOO_LONG: { code: 1002, text: 'a control frame has more than 125 bytes' },
  NOTHING_TO_CONTINUE: { code: 1002, text: 'a frame continues a message that was not begun' },
  MESSAGE_UNFINISHED: { code: 1002, text: 'a message begins before the one before it has ended' },
  CLOSE_TOO_SHORT: { code: 1002, text: 'a close frame holds half a code' },
  CLOSE_CODE: { code: 1002, text: 'a close frame gives a code that nobody may send' },
  NOT_UTF8: { code: 1007, text: 'a text is not UTF-8' },
  TOO_LONG: { code: 1009, text: 'Max payload size exceeded' },
} as const;

export type FrameFault = keyof typeof frameFaults;
