import { fieldOffset } from '../../../schemas/field-offset.js';
import { Header } from '../../../schemas/generated/header.js';

/** Bytes in front of a record's body. */
export const HEADER_BYTES = Header.sizeOf();

/** Where the fields of a record's header stand that history reads and writes. */
export const HeaderOffset = {
  LENGTH: fieldOffset(Header, 'length'),
  TYPE: fieldOffset(Header, 'type'),
  SEQ: fieldOffset(Header, 'seq'),
  EVENT_TIME: fieldOffset(Header, 'eventTime'),
  EXCHANGE_TIME: fieldOffset(Header, 'exchangeTime'),
  RECEIVE_TIME: fieldOffset(Header, 'receiveTime'),
  VENUE: fieldOffset(Header, 'venue'),
} as const;
