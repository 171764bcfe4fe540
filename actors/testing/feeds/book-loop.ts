import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import { ActorState } from '../../../engine/runtime/actor/actor-state.js';
import type { CoreActor } from '../../../engine/runtime/actor/definition.js';
import { CurrentEvent } from '../../../engine/runtime/actor/event.js';
import { Outbox } from '../../../engine/runtime/actor/outbox.js';
import { createLatest } from '../../../engine/runtime/edge/create-latest.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { LatestWriter } from '../../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { book } from '../../book/book.js';
import { tops } from '../../streams.js';

const RECORD_BYTES = HEADER_BYTES + 40 + 2 * 16;
const CHANGE_ID = HEADER_BYTES + 8;
const PREVIOUS_CHANGE_ID = HEADER_BYTES + 24;
const FIRST_AMOUNT = HEADER_BYTES + 40 + 8;

const instrument: Instrument = {
  venue: 1,
  kind: InstrumentKind.PERPETUAL,
  name: 'BTC-PERPETUAL',
  baseCurrency: 'BTC',
  quoteCurrency: 'USD',
  settlementCurrency: 'BTC',
  counterCurrency: 'USD',
  priceIndex: 'btc_usd',
  inverse: true,
  state: LifeCycle.OPEN,
  strike: Number.NaN,
  expiry: Number.POSITIVE_INFINITY,
  created: 0,
  contractSize: 10,
  minimumAmount: 10,
  tickSize: 0.5,
  tickSteps: [],
  makerFee: 0,
  takerFee: 0,
  legs: [],
};

/** The book actor alone, fed with one book's updates of which each moves the top: for measuring what an update allocates. */
export function bookLoop(): { update(index: number): number } {
  const definition = book({ instruments: 1, depth: 64 });
  const output = createStream({ ...tops, readers: 1, engineRun: 1 });
  const reader = new StreamReader(output, 0);
  const writer = new StreamWriter(output);
  const shown = definition.shows!.map((edge) => new LatestWriter(createLatest({ ...edge, engineRun: 1 })));
  const actor: CoreActor = definition.create({
    name: definition.name,
    config: definition.config,
    event: new CurrentEvent(),
    state: new ActorState(definition.name, definition.stateBytes),
    out: new Outbox(writer, 1, () => {}),
    shown,
    schedule: () => {},
    cancel: () => {},
  });
  define(actor);
  const buffer = new ViewBuffer(new ArrayBuffer(RECORD_BYTES));
  const { view } = buffer;
  const update = new BookUpdate().__init(HEADER_BYTES, buffer);
  view.setUint32(HeaderOffset.LENGTH, RECORD_BYTES, true);
  update.mutate_kind(1);
  update.mutate_changeId(0);
  update.mutate_bidCount(1);
  update.mutate_askCount(1);
  for (const [index, value] of [100, 10, 101, 10].entries())
    view.setFloat64(HEADER_BYTES + 40 + 8 * index, value, true);
  actor.onRecord(MessageType.BOOK_UPDATE, buffer, 0);
  update.mutate_kind(2);
  let changeId = 0;
  const ignore = (): void => {};
  return {
    update(index) {
      view.setFloat64(PREVIOUS_CHANGE_ID, changeId, true);
      changeId = (changeId + 1) | 0;
      view.setFloat64(CHANGE_ID, changeId, true);
      view.setFloat64(FIRST_AMOUNT, 10 + 10 * (index & 7), true);
      actor.onRecord(MessageType.BOOK_UPDATE, buffer, 0);
      writer.publish();
      reader.poll(ignore, 16);
      return 1;
    },
  };
}

function define(actor: CoreActor): void {
  const bytes = encodeInstrument(0, instrument);
  const buffer = new ViewBuffer(new ArrayBuffer(HEADER_BYTES + bytes.length));
  buffer.view.setUint32(HeaderOffset.LENGTH, HEADER_BYTES + bytes.length, true);
  bytes.forEach((byte, index) => {
    buffer.writeUint8(HEADER_BYTES + index, byte);
  });
  actor.onRecord(MessageType.INSTRUMENT_DEFINITION, buffer, 0);
}
