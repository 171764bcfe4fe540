/**
 * Encodes and decodes quotes by one codec. A thread each: accessors that have seen two kinds of buffer are slower for both.
 */
import { Builder, ByteBuffer } from 'flatbuffers';
import { Quote } from '../../../schemas/generated/quote.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { serveRounds } from '../../rig/side.js';
import { bytesPerMessage } from './heap.js';
import { QUOTE_COUNT, quoteValues } from './quotes.js';
import { type CodecRound, type CodecSetup, QUOTE_BYTES } from './round.js';

/** Encodes into a ring in shared memory: the generated accessors on a ViewBuffer, in place. */
function encodeInPlace(buffer: ViewBuffer): (count: number) => void {
  const quote = new Quote();
  return (count) => {
    const values = quoteValues;
    for (let message = 0; message < count; message++) {
      const row = message & (QUOTE_COUNT - 1);
      const from = row * 10;
      quote.__init(row * QUOTE_BYTES, buffer);
      quote.mutate_instrument(row);
      quote.mutate_state(1);
      quote.mutate_bidPrice(values[from]!);
      quote.mutate_bidAmount(values[from + 1]!);
      quote.mutate_askPrice(values[from + 2]!);
      quote.mutate_askAmount(values[from + 3]!);
      quote.mutate_markPrice(values[from + 4]!);
      quote.mutate_markIv(values[from + 5]!);
      quote.mutate_underlyingPrice(values[from + 6]!);
      quote.mutate_indexPrice(values[from + 7]!);
      quote.mutate_changeId(values[from + 8]!);
      quote.mutate_openInterest(values[from + 9]!);
    }
  };
}

/** The library's way: a Builder, used again for every message, then a copy to where the message goes. */
function encodeByBuilder(target: Uint8Array): (count: number) => void {
  const builder = new Builder(256);
  return (count) => {
    const values = quoteValues;
    for (let message = 0; message < count; message++) {
      const row = message & (QUOTE_COUNT - 1);
      const from = row * 10;
      builder.clear();
      Quote.createQuote(
        builder,
        row,
        1,
        values[from]!,
        values[from + 1]!,
        values[from + 2]!,
        values[from + 3]!,
        values[from + 4]!,
        values[from + 5]!,
        values[from + 6]!,
        values[from + 7]!,
        values[from + 8]!,
        values[from + 9]!,
      );
      const bb = builder.dataBuffer();
      target.set(bb.bytes().subarray(bb.capacity() - builder.offset(), bb.capacity()), row * QUOTE_BYTES);
    }
  };
}

/** Reads every field of every quote; the accessors are the same, `buffer` makes the difference. */
function decode(buffer: ByteBuffer): (count: number) => void {
  const quote = new Quote();
  return (count) => {
    let words = 0;
    let doubles = 0;
    for (let message = 0; message < count; message++) {
      quote.__init((message & (QUOTE_COUNT - 1)) * QUOTE_BYTES, buffer);
      words = (words + quote.instrument() + quote.state()) | 0;
      const bid = quote.bidPrice();
      // Two short sums instead of a long one: the additions must not be what is measured.
      const prices = (Number.isNaN(bid) ? 0 : bid) + quote.askPrice() + quote.markPrice() + quote.markIv();
      const amounts = quote.bidAmount() + quote.askAmount() + quote.openInterest();
      const references = quote.underlyingPrice() + quote.indexPrice() + quote.changeId();
      doubles += prices + (amounts + references);
    }
    if (Number.isNaN(words + doubles)) throw new Error('codec: a field that is never NaN was decoded as NaN');
  };
}

serveRounds<CodecSetup, CodecRound, number>(({ codec, memory }) => {
  const bytes = new Uint8Array(memory);
  const own = codec === 'ViewBuffer';
  const encode = own ? encodeInPlace(new ViewBuffer(memory)) : encodeByBuilder(bytes);
  const decodeAll = decode(own ? new ViewBuffer(memory) : new ByteBuffer(bytes));
  return ({ work, count, figure }) => {
    const run = work === 'encode' ? encode : decodeAll;
    if (figure === 'bytes') return bytesPerMessage(run, count);
    const start = performance.now();
    run(count);
    return ((performance.now() - start) * 1e6) / count;
  };
});
