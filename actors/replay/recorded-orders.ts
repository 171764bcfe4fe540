import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import type { ReplayReport } from './replay-report.js';

/** What the last stage said, in the journal and in a replay: two queues that must be the same, record by record. */
export class RecordedOrders {
  private readonly report: ReplayReport;
  private readonly recorded: Uint8Array[] = [];
  private readonly replayed: Uint8Array[] = [];

  constructor(report: ReplayReport) {
    this.report = report;
  }

  readonly onRecorded = (memory: DataView, offset: number, length: number): void => {
    this.recorded.push(new Uint8Array(memory.buffer.slice(offset, offset + length)));
    this.compare();
  };

  readonly onReplayed = (_type: number, { view }: ViewBuffer, offset: number): void => {
    const record = new Uint8Array(view.getInt32(offset + HeaderOffset.LENGTH, true));
    for (let byte = 0; byte < record.length; byte++) record[byte] = view.getUint8(offset + byte);
    this.replayed.push(record);
    this.compare();
  };

  /** The run is over: what only the journal has differs; what only the replay has was never written before the end. */
  end(): void {
    this.compare();
    const [extra] = this.recorded;
    if (extra !== undefined) this.differ(extra, undefined);
    this.report.unrecorded += this.replayed.length;
  }

  private compare(): void {
    const { recorded, replayed, report } = this;
    const count = Math.min(recorded.length, replayed.length);
    for (let index = 0; index < count && report.first === undefined; index++) {
      if (Buffer.compare(recorded[index]!, replayed[index]!) === 0) report.orders++;
      else this.differ(recorded[index], replayed[index]);
    }
    recorded.splice(0, count);
    replayed.splice(0, count);
  }

  private differ(recorded: Uint8Array | undefined, replayed: Uint8Array | undefined): void {
    const { report } = this;
    if (report.first !== undefined) return;
    const seq = Math.min(seqOf(recorded), seqOf(replayed));
    report.first = { seq, what: 'what risk said', ...(recorded && { recorded }), ...(replayed && { replayed }) };
  }
}

function seqOf(record: Uint8Array | undefined): number {
  if (record === undefined) return Number.POSITIVE_INFINITY;
  return new DataView(record.buffer, record.byteOffset).getFloat64(HeaderOffset.SEQ, true);
}
