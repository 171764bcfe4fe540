/** A frame as a server sends it; what is malformed is made by saying so. */
export interface ServerFrame {
  opcode: number;
  payload: Uint8Array;
  isFinal?: boolean;
  reserved?: number;
  isMasked?: boolean;
  /** Bytes that the length is written with beyond the seven bits: 0, 2 or 8. */
  lengthBytes?: number;
}

export function serverFrame({ opcode, payload, isFinal = true, reserved = 0, isMasked = false, ...rest }: ServerFrame) {
  const { length } = payload;
  const lengthBytes = rest.lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const header = Buffer.alloc(2 + lengthBytes + (isMasked ? 4 : 0));
  header[0] = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode;
  header[1] = (isMasked ? 0x80 : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) header.writeUInt16BE(length, 2);
  if (lengthBytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}
