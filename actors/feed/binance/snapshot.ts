import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { MessageType } from '../../../schemas/message-type.js';
import { Action, levels, milliseconds, number } from '../wire/field.js';
import { bodyOffset, EXCHANGE_TIME, type MessageKind, writeRecord } from '../wire/frame-decoder.js';
import { NameTable } from '../wire/name-table.js';

const NOT_GIVEN = [bodyOffset(BookUpdate, 'firstChangeId'), bodyOffset(BookUpdate, 'previousChangeId')];

const snapshot: MessageKind = {
  name: 'snapshot',
  type: MessageType.BOOK_UPDATE,
  bodyBytes: 40,
  fields: {
    T: milliseconds(EXCHANGE_TIME),
    lastUpdateId: number(bodyOffset(BookUpdate, 'changeId')),
    bids: levels(Action.QUOTED_LEVELS, 'bids', bodyOffset(BookUpdate, 'bidCount')),
    asks: levels(Action.QUOTED_LEVELS, 'asks', bodyOffset(BookUpdate, 'askCount')),
  },
  zeros: [],
  finish: (slot, record) => {
    slot.setUint32(record + bodyOffset(BookUpdate, 'kind'), 1, true);
    for (const offset of NOT_GIVEN) slot.setFloat64(record + offset, Number.NaN, true);
  },
};

/**
 * Writes the venue's answer to `GET /fapi/v1/depth` as a snapshot record and returns its length. The answer does not say
 * what it is about, so the caller does. Throws RefusedMessage.
 */
export function writeSnapshot(
  answer: unknown,
  instrument: number,
  slot: DataView,
  record: number,
  limit: number,
): number {
  const length = writeRecord(snapshot, answer, new NameTable(), { slot, record, limit, subject: instrument });
  slot.setUint32(record + bodyOffset(BookUpdate, 'instrument'), instrument, true);
  return length;
}
