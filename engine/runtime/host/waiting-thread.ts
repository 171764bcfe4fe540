import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { heapLimits, prepareV8 } from './heap-and-compiler.js';
import type { ThreadSpec } from './thread-spec.js';

/** What a thread is given that loads its code before it is known what it runs: its specification comes by the port. */
export interface WaitingSpec {
  waits: MessagePort;
  topologyModule: string;
}

/** Where every thread begins. */
export const THREAD = new URL('./thread-main.js', import.meta.url).href;

/**
 * A compute thread that loads the core, which takes longer than anything else of a start, while its engine is still being made: the journal is read and
 * memory locked meanwhile.
 */
export class WaitingThread {
  private readonly port: MessagePort;
  private worker: Worker | undefined;
  /** Without it the engine starts a thread of the usual kind, which fails in the usual way. */
  private readonly onError = (): void => {
    this.worker = undefined;
  };

  constructor(topologyModule: string) {
    // Before the thread begins, because its heap is laid out then.
    prepareV8();
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const given: WaitingSpec = { waits: port2, topologyModule };
    this.worker = new Worker(new URL(THREAD), {
      workerData: given,
      transferList: [port2],
      name: 'core',
      resourceLimits: heapLimits('compute'),
    });
    this.worker.once('error', this.onError);
    // An engine that cannot be made must not be kept by a thread that waits for it.
    this.worker.unref();
    port1.unref();
  }

  /** The thread, which runs this now; undefined where it is given away already. */
  begin(spec: ThreadSpec): Worker | undefined {
    const { worker } = this;
    if (worker === undefined) return undefined;
    this.worker = undefined;
    worker.off('error', this.onError);
    worker.ref();
    this.port.postMessage(spec);
    this.port.close();
    return worker;
  }

  /** Ends it where no engine has taken it. */
  async close(): Promise<void> {
    await this.worker?.terminate();
  }
}
