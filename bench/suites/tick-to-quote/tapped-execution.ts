import type { DeribitExecutionConfig } from '../../../actors/execution/deribit/config.js';
import { DeribitExecution } from '../../../actors/execution/deribit/deribit-execution.js';
import type { SessionHost } from '../../../actors/session/host.js';
import { nodeHost } from '../../../actors/session/node-host.js';
import { OrderAction } from '../../../engine/market/orders/codes.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { MessageType } from '../../../schemas/message-type.js';
import { Tap, Written } from './tap.js';

export interface TappedExecutionConfig extends DeribitExecutionConfig {
  tap: SharedArrayBuffer;
}

/** Bytes of a request in which its method stands. */
const HEAD = 80;
/** Ids of orders begin here: what the session itself asks is no order. */
const ORDER_ID = '"id":1';

/** Execution as it is, with a note of when each request was handed to the system, and of what it answers. */
export function create(context: IoContext<TappedExecutionConfig>): IoActor {
  const tap = new Tap(context.config.tap);
  const { clock } = context;
  const [input] = context.inputs;
  /** [ingress, published] of the record that is being taken, and of the first of the quotes that wait for their frame. */
  const taken = new Float64Array(2);
  const waiting = new Float64Array(2);
  const host: SessionHost = {
    ...nodeHost,
    connect: (url, handlers) => {
      const socket = nodeHost.connect(url, handlers);
      return {
        send: (data) => {
          clock.tick();
          if (tap.isOn && typeof data !== 'string') {
            const head = Buffer.from(data.buffer, data.byteOffset, Math.min(HEAD, data.length)).toString('latin1');
            const isQuote = head.includes('mass_quote');
            const what = isQuote ? Written.QUOTES : head.includes('private/cancel') ? Written.CANCEL : Written.OTHER;
            if (head.includes(ORDER_ID)) tap.wrote(isQuote ? waiting : taken, clock.now, what);
          }
          socket.send(data);
        },
        get bufferedBytes() {
          return socket.bufferedBytes;
        },
        end: () => socket.end(),
        pause: () => socket.pause(),
        resume: () => socket.resume(),
      };
    },
  };
  // Only what execution asks of it: the quotes of one event go out together, when the first record behind them has been looked at.
  const tapped = {
    hasPending: () => input!.hasPending(),
    poll: (handler: Parameters<StreamReader['poll']>[0], limit: number) =>
      input!.poll((type, buffer, offset) => {
        input!.stampsAt(offset, taken);
        const isQuote =
          type === MessageType.APPROVED_ORDER &&
          buffer.view.getUint32(offset + HEADER_BYTES, true) === OrderAction.QUOTE;
        handler(type, buffer, offset);
        if (isQuote) waiting.set(taken);
      }, limit),
  };
  return new DeribitExecution({ ...context, inputs: [tapped as StreamReader] }, host);
}
