import { HEADER_BYTES, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { MessageType } from '../../schemas/message-type.js';
import { ChainCalibrator } from '../filter/chain-calibrator.js';
import type { LatencySource } from '../venue-sim/latency.js';
import { RecordLane } from './record-lane.js';
import type { VirtualLog } from './virtual-log.js';

/** The calibrator's model, whose surfaces come into the log after a modelled latency. */
export class VirtualCalibrator {
  readonly lane = new RecordLane();
  /** Surfaces that were asked for. */
  fits = 0;
  readonly #model = new ChainCalibrator();
  readonly #latency: LatencySource;

  constructor(log: VirtualLog, latency: LatencySource) {
    this.#latency = latency;
    this.#log = log;
  }
  readonly #log: VirtualLog;

  /** Hears what the filter writes. */
  readonly hear: RecordHandler = (type, buffer, offset) => {
    if (type !== MessageType.CHAIN_SNAPSHOT) return;
    this.fits++;
    const body = this.#model.calibrate(buffer, offset + HEADER_BYTES);
    const at = this.lane.open(MessageType.SURFACE_FIT, body.length) + HEADER_BYTES;
    const { view } = this.lane.buffer;
    body.forEach((byte, place) => {
      view.setUint8(at + place, byte);
    });
    this.lane.send(this.#log.time / 1000 + this.#latency.next());
  };
}
