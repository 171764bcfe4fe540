import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import type { KeyedRecordHandler } from '../../engine/runtime/edge/latest-reader.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { AdaptivePoll } from '../../engine/runtime/wait/adaptive-poll.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { ChainSnapshot } from '../../schemas/generated/chain-snapshot.js';
import { SurfaceFit } from '../../schemas/generated/surface-fit.js';
import { MessageType } from '../../schemas/message-type.js';
import { ChainCalibrator } from '../filter/chain-calibrator.js';
import type { FilterConfig } from '../filter/filter-config.js';
import { FitOutcome, RefitReason } from '../filter/filter-flags.js';

/** A surface is a matter of seconds: this much later is nothing to it. */
const POLL_MS = 20;
/** ... and this much, where none was asked for lately. */
const QUIET_POLL_MS = 200;
const TOOK = fieldOffset(SurfaceFit, 'tookMicros');

/**
 * Fits surfaces to the chains that the filter shows, off the chain of events: what it reads holds nobody back, and what it finds goes into the log
 * as an event that names the quotes it is based on. It decides nothing: the filter asks, and the filter adopts or does not.
 */
class Calibrator implements IoActor {
  private readonly context: IoContext<FilterConfig>;
  private readonly model = new ChainCalibrator();
  private readonly snapshot = new ChainSnapshot();
  private readonly onChain: KeyedRecordHandler;
  private standsBack = false;
  /** One at a time: between two fits the thread must see that it is to stop. */
  private readonly polls = new AdaptivePoll(
    () => this.context.watched[0]?.poll(this.onChain, 1),
    POLL_MS,
    QUIET_POLL_MS,
  );

  constructor(context: IoContext<FilterConfig>) {
    this.context = context;
    this.onChain = (_type, buffer, offset, underlying) => {
      this.polls.found();
      this.standBackAfter(this.snapshot.__init(offset + HEADER_BYTES, buffer).reason());
      const from = performance.now();
      const body = this.model.calibrate(buffer, offset + HEADER_BYTES);
      this.post(body, underlying, 1000 * (performance.now() - from));
    };
  }

  start(): void {
    this.polls.start();
  }

  stop(): void {
    this.polls.stop();
  }

  /** While an expiry waits for its first surface nothing is quoted on it; what comes later can wait behind what trades. */
  private standBackAfter(reason: number): void {
    if (this.standsBack || reason === RefitReason.FIRST || reason === RefitReason.NEW_EXPIRY) return;
    this.standsBack = true;
    this.context.standBack?.();
  }

  private post(body: Uint8Array, underlying: number, tookMicros: number): void {
    const { out, clock, log, publish } = this.context;
    const at = out!.claim(MessageType.SURFACE_FIT, body.length);
    if (at < 0) {
      log(
        'warn',
        `the surface of underlying ${underlying} is lost: the engine takes none at present; the filter will ask again`,
      );
      return;
    }
    const { view } = out!.buffer;
    view.setFloat64(at + HeaderOffset.RECEIVE_TIME, Date.now() * 1000, true);
    body.forEach((byte, index) => {
      view.setUint8(at + HEADER_BYTES + index, byte);
    });
    view.setFloat64(at + HEADER_BYTES + TOOK, tookMicros, true);
    const fit = new SurfaceFit().__init(at + HEADER_BYTES, out!.buffer);
    if (fit.outcome() !== FitOutcome.FITTED) {
      log(
        'warn',
        `no surface for underlying ${underlying}, failure ${fit.failure()}: the last good one stays in force`,
      );
    }
    clock.tick();
    publish(clock.now[0]!);
  }
}

export function create(context: IoContext<FilterConfig>): IoActor {
  return new Calibrator(context);
}
