import type { AnomalyKindCode } from '../../engine/market/anomaly/kinds.js';
import { FOUND, SUPPRESSED, type VerdictSink } from '../../engine/market/anomaly/verdicts.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Anomaly } from '../../schemas/generated/anomaly.js';
import { MessageType } from '../../schemas/message-type.js';
import { ANOMALIES_SHOWN } from './shown.js';
import { SHOWN, type Teller, TOLD } from './teller.js';

const FIRST_NUMBER = fieldOffset(Anomaly, 'found');

/** Tells of what ought not to be in the market, and shows the last of it. */
export class AnomalyReports implements VerdictSink {
  private readonly teller: Teller;
  private readonly anomaly = new Anomaly();

  constructor(teller: Teller) {
    this.teller = teller;
  }

  onAnomaly(
    kind: AnomalyKindCode,
    severity: number,
    instrument: number,
    second: number,
    third: number,
    underlying: number,
    numbers: Float64Array,
  ): void {
    const { teller } = this;
    if (!teller.mayWrite()) return;
    const { out } = teller;
    const body = out.emit(MessageType.ANOMALY, Anomaly.sizeOf());
    const anomaly = this.anomaly.__init(body, out.buffer);
    anomaly.mutate_kind(kind);
    anomaly.mutate_severity(severity);
    anomaly.mutate_instrument(instrument);
    anomaly.mutate_second(second);
    anomaly.mutate_third(third);
    anomaly.mutate_underlying(underlying);
    // The numbers stand in the record in the order of their places.
    const { view } = out.buffer;
    for (let number = FOUND; number <= SUPPRESSED; number++) {
      view.setFloat64(body + FIRST_NUMBER + 8 * number, numbers[number]!, true);
    }
    teller.showLast(SHOWN.anomalies, TOLD.anomalies, ANOMALIES_SHOWN, MessageType.ANOMALY, body, Anomaly.sizeOf());
  }
}
