import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { currentLayouts, type JournalLayouts, type StructLayout } from '../../journal/layouts.js';
import type { HistoryRow } from './history-row.js';
import { HEADER_BYTES, HeaderOffset } from './record-header.js';

/** Most bytes of one record: a whole book of a busy perpetual. */
const MOST_BYTES = 512 * 1024;

/**
 * Writes rows of history as records, by the layouts of the schemas. A record stands at the start of `buffer` until the next is
 * written; its sequence number is left to whoever appends it.
 */
export class RecordEncoder {
  readonly buffer = new ViewBuffer(new ArrayBuffer(MOST_BYTES));
  readonly layouts: JournalLayouts = currentLayouts(MessageType);

  /** Bytes of the row's record. @param instrument its id */
  encode(row: HistoryRow, instrument: number): number {
    const layout = this.layouts.records[row.type];
    const body = layout?.body === undefined ? undefined : this.layouts.structs[layout.body];
    if (layout === undefined || body === undefined) throw new Error(`type ${row.type} has no struct to be written as`);
    const at = this.#fields(body, HEADER_BYTES, row.body, instrument);
    const entries = row.run ?? [];
    const entry = layout.run === undefined ? undefined : this.layouts.structs[layout.run.struct];
    let end = at;
    if (entry !== undefined) for (const values of entries) end = this.#fields(entry, end, values, instrument);
    this.#header(row, end);
    return end;
  }

  /** Bytes of a record whose body is given. */
  encodeBytes(row: Pick<HistoryRow, 'type' | 'eventTime' | 'exchangeTime'>, venue: number, body: Uint8Array): number {
    const length = HEADER_BYTES + body.length;
    for (const [index, byte] of body.entries()) this.buffer.writeUint8(HEADER_BYTES + index, byte);
    this.#header({ ...row, instrument: { venue } }, length);
    return length;
  }

  #header(
    {
      type,
      eventTime,
      exchangeTime,
      instrument,
    }: Pick<HistoryRow, 'type' | 'eventTime' | 'exchangeTime'> & { instrument: { venue: number } },
    length: number,
  ): void {
    const { view } = this.buffer;
    for (let at = 0; at < HEADER_BYTES; at += 4) view.setInt32(at, 0);
    view.setUint32(HeaderOffset.LENGTH, length, true);
    view.setUint16(HeaderOffset.TYPE, type, true);
    view.setFloat64(HeaderOffset.EVENT_TIME, eventTime, true);
    view.setFloat64(HeaderOffset.EXCHANGE_TIME, exchangeTime, true);
    view.setFloat64(HeaderOffset.RECEIVE_TIME, eventTime, true);
    view.setUint16(HeaderOffset.VENUE, instrument.venue, true);
  }

  #fields(
    { fields, bytes }: StructLayout,
    at: number,
    values: Readonly<Record<string, number>>,
    instrument: number,
  ): number {
    const { buffer } = this;
    if (at + bytes > MOST_BYTES) throw new Error(`a record of more than ${MOST_BYTES} bytes`);
    for (const { name, type, offset } of fields) {
      if (name === 'instrument') buffer.writeUint32(at + offset, instrument);
      else if (type === 'float64') buffer.writeFloat64(at + offset, values[name] ?? Number.NaN);
      else if (type === 'uint32') buffer.writeUint32(at + offset, values[name] ?? 0);
      else buffer.writeUint16(at + offset, values[name] ?? 0);
    }
    return at + bytes;
  }
}
