/** What travels between venue and engine: the message's number and when it was due, two little-endian doubles. */
export const FRAME_BYTES = 16;
export const NUMBER_OFFSET = 0;
export const DUE_OFFSET = 8;

/** Calls `onFrame` for every complete frame of a byte stream, wherever its chunks end. */
export function frameReader(onFrame: (frame: DataView) => void): (chunk: Buffer) => void {
  const pending = new Uint8Array(FRAME_BYTES);
  const view = new DataView(pending.buffer);
  let have = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      const take = Math.min(FRAME_BYTES - have, chunk.length - at);
      pending.set(chunk.subarray(at, at + take), have);
      have += take;
      at += take;
      if (have < FRAME_BYTES) return;
      have = 0;
      onFrame(view);
    }
  };
}
