import { ByteBuffer } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { Header } from '../../../schemas/generated/header.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { Stamps } from '../../../schemas/generated/stamps.js';
import { MessageType } from '../../../schemas/message-type.js';
import { createStream } from './create-stream.js';
import { HEADER_BYTES, HeaderOffset, recordStep, STAMPS_BYTES } from './record.js';
import { StreamReader } from './stream-reader.js';
import { StreamWriter } from './stream-writer.js';

describe('a record', () => {
  it('has the header and the stamps that the schema says', () => {
    expect(HEADER_BYTES).toBe(Header.sizeOf());
    expect(STAMPS_BYTES).toBe(Stamps.sizeOf());
  });

  it('has every header field where the generated accessors write it', () => {
    const camel = (name: string): string => name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase());
    for (const [name, offset] of Object.entries(HeaderOffset)) {
      const bytes = new Uint8Array(HEADER_BYTES);
      const header = new Header().__init(0, new ByteBuffer(bytes)) as unknown as Record<
        string,
        (value: number) => boolean
      >;
      header[`mutate_${camel(name)}`]!(257 + 1 / 3);
      // 257 has no zero byte in 16 bits, 257 1/3 none as a double.
      expect(
        bytes.findIndex((byte) => byte !== 0),
        name,
      ).toBe(offset);
    }
  });

  it('takes its length, rounded up to eight, and its stamps', () => {
    expect([56, 57, 63, 64, 65].map(recordStep)).toEqual([72, 80, 80, 80, 88]);
  });

  it('is read by the stock FlatBuffers library from the very same bytes', () => {
    const arena = createStream({ name: 'quotes', capacityBytes: 4096, maxBodyBytes: 88, readers: 1, engineRun: 1 });
    const writer = new StreamWriter(arena);
    const offset = writer.claim(MessageType.QUOTE, Quote.sizeOf());
    const header = new Header().__init(offset, writer.buffer);
    header.mutate_flags(1);
    header.mutate_seq(9_007_199_254_740_991);
    header.mutate_eventTime(1_700_000_000_000_001);
    header.mutate_engine(7);
    const quote = new Quote().__init(offset + HEADER_BYTES, writer.buffer);
    quote.mutate_instrument(4_000_000_000);
    quote.mutate_bidPrice(0.0525);
    quote.mutate_askPrice(Number.NaN);
    quote.mutate_openInterest(-0.1);
    writer.publish();

    let handled = 0;
    new StreamReader(arena, 0).poll((type, buffer, at) => {
      handled++;
      const stock = new ByteBuffer(new Uint8Array(buffer.view.buffer, buffer.view.byteOffset, buffer.view.byteLength));
      const read = new Header().__init(at, stock);
      expect([type, read.type(), read.length(), read.flags()]).toEqual([200, 200, HEADER_BYTES + 88, 1]);
      expect([read.seq(), read.cause(), read.eventTime()]).toEqual([9_007_199_254_740_991, 0, 1_700_000_000_000_001]);
      expect([read.venue(), read.engine()]).toEqual([0, 7]);
      const body = new Quote().__init(at + HEADER_BYTES, stock);
      expect([body.instrument(), body.bidPrice(), body.askPrice(), body.openInterest()]).toEqual([
        4_000_000_000,
        0.0525,
        Number.NaN,
        -0.1,
      ]);
    }, 10);
    expect(handled).toBe(1);
  });
});
