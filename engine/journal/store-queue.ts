import type { JournalStore } from './store.js';

/**
 * Blocks of one transaction: 1 MB, and more where more waits. LMDB hands what lies side by side to the system in one call, and for
 * large ones the system takes huge pages that nobody has used lately: on a virtual machine, whose host then has to find them, a byte
 * costs up to three times as much. But each transaction waits twice for a CPU, which is what counts where that takes long.
 */
const LEAST_PER_TRANSACTION = 16;
/** Of what waits, a quarter: 4 MB where the queue is full. */
const PART_PER_TRANSACTION = 4;

/** What is handed to the store. */
export type Write =
  | { database: 'blocks'; key: Buffer; value: Buffer; lastPosition: number; buffer: Buffer }
  | { database: 'heads'; key: number; value: Buffer }
  | { database: 'digests'; key: [stage: string, position: number]; value: Buffer };

export interface StoreQueueOptions {
  store: JournalStore;
  /** Position up to which the store has records already; below 0 for none. */
  lastPosition: number;
  /** The buffer of a block that the store has taken. */
  onTaken: (buffer: Buffer) => void;
  /** What went wrong, in words. Told once; nothing is written after it. */
  onFailed: (problem: string) => void;
}

/**
 * Writes on their way to the store, in their order. One transaction at a time: were a later one to succeed where an earlier
 * one has failed, as on a disk that is full, the chain would have a hole.
 */
export class StoreQueue {
  /** Positions up to which records are in the store, and survive the end of this process. */
  committed: number;
  /** Positions up to which records are on the disk, and survive the loss of power. */
  synced: number;
  /** Blocks that wait or are under way. */
  pending = 0;
  readonly #options: StoreQueueOptions;
  /** Writes that wait for the transaction that is under way. */
  #waiting: Write[] = [];
  #inFlight: Promise<void> | undefined;
  #syncing = false;
  #hasFailed = false;

  constructor(options: StoreQueueOptions) {
    this.#options = options;
    this.committed = options.lastPosition;
    this.synced = options.lastPosition;
  }

  put(write: Write): void {
    if (write.database === 'blocks') this.pending++;
    this.#waiting.push(write);
    if (this.#inFlight === undefined) this.#submit();
  }

  /** Waits until the store has taken what is under way to it. */
  async room(): Promise<void> {
    await this.#inFlight;
  }

  /** Waits until everything that was put is on the disk. */
  async flush(): Promise<void> {
    while (this.#inFlight !== undefined) await this.#inFlight;
    const position = this.committed;
    await this.#options.store.blocks.flushed;
    if (!this.#hasFailed && position > this.synced) this.synced = position;
  }

  #submit(): void {
    this.#inFlight = undefined;
    if (this.#waiting.length === 0 || this.#hasFailed) return;
    const part = Math.ceil(this.#waiting.length / PART_PER_TRANSACTION);
    const writes = this.#waiting.splice(0, Math.max(LEAST_PER_TRANSACTION, part));
    // Each write's own promise fails with the whole, which is heard of once.
    const unheard = (error: unknown): void => {
      (error as { commitError?: Promise<unknown> } | undefined)?.commitError?.catch(() => {});
    };
    const { store } = this.#options;
    this.#inFlight = store.env
      .batch(() => {
        for (const write of writes) {
          if (write.database === 'blocks') store.blocks.put(write.key, write.value).catch(unheard);
          else if (write.database === 'heads') store.heads.put(write.key, write.value).catch(unheard);
          else store.digests.put(write.key, write.value).catch(unheard);
        }
      })
      .then(
        () => this.#stored(writes),
        async (error: unknown) => {
          const cause = await (error as { commitError?: Promise<unknown> }).commitError?.catch(
            (reason: unknown) => reason,
          );
          this.#fail(cause ?? error);
        },
      )
      .then(() => this.#submit());
  }

  #stored(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.database !== 'blocks') continue;
      this.pending--;
      this.#options.onTaken(write.buffer);
      this.committed = write.lastPosition;
    }
    this.#sync();
  }

  /** Moves `synced` on once what is committed now is on the disk; one wait at a time. */
  #sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    const position = this.committed;
    this.#options.store.blocks.flushed.then(
      () => {
        this.#syncing = false;
        this.synced = position;
        if (this.committed > position && !this.#hasFailed) this.#sync();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#options.onFailed(error instanceof Error ? error.message : String(error));
  }
}
