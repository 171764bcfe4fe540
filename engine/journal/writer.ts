import type { KeyObject } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { blockKey, HASH_BYTES, readHeader, sealBlock } from './block.js';
import { createJournal, metaForWriting } from './creation.js';
import { signHead } from './head.js';
import type { JournalLayouts } from './layouts.js';
import { MOST_RECORD_BYTES, OpenBlock } from './open-block.js';
import { publicKeyText } from './signing-key.js';
import { JOURNAL_FORMAT, type JournalStore, openStore } from './store.js';
import { StoreQueue } from './store-queue.js';
import { WriterLock } from './writer-lock.js';

/** Blocks under way to the disk before the writer takes no more: 16 MB. */
const MOST_PENDING = 256;

/** Blocks between two looks at the room on the disk: 16 MB. */
const BLOCKS_PER_LOOK = 256;

/** How long a store that has failed is given to close. */
const CLOSE_MS = 500;

/** So much more than the reserve must be free before a disk that was full is written again: 16 MB. */
const ROOM_TO_GO_ON = 16 * 1024 * 1024;

export interface JournalOptions {
  /** The journal's folder; made when it is not there. */
  folder: string;
  /** Signs the heads. */
  key: KeyObject;
  layouts: JournalLayouts;
  /** Bytes that must stay free on the disk; with less, the writer takes no more. */
  reserveBytes?: number;
  /** Bytes free on the journal's disk; for tests. */
  freeBytes?: () => number;
}

export type JournalState = 'open' | 'full' | 'failed' | 'closed';

/**
 * Appends records to a journal in hash-chained blocks. It belongs to one thread, copies records where they lie, and lets
 * LMDB write on a thread of its own.
 *
 * When the disk is full or a write fails, it says so in `state` and `problem` and takes no more; what was committed stays
 * readable.
 */
export class JournalWriter {
  state: JournalState = 'open';
  /** What went wrong, in words, where `state` is full or failed. */
  problem = '';

  readonly #store: JournalStore;
  readonly #lock: WriterLock;
  readonly #key: KeyObject;
  readonly #freeBytes: () => number;
  readonly #reserveBytes: number;
  readonly #queue: StoreQueue;
  readonly #block = new OpenBlock();
  #ordinal = 0;
  #firstPosition = 0;
  #position = 0;
  #previousHash: Buffer = Buffer.alloc(HASH_BYTES);
  #signedOrdinal = -1;

  constructor({ folder, key, layouts, reserveBytes = 256 * 1024 * 1024, freeBytes }: JournalOptions) {
    this.#key = key;
    this.#reserveBytes = reserveBytes;
    this.#freeBytes =
      freeBytes ??
      (() => {
        const { bavail, bsize } = statfsSync(folder);
        return bavail * bsize;
      });
    mkdirSync(folder, { recursive: true });
    this.#lock = new WriterLock(folder);
    try {
      const publicKey = publicKeyText(key);
      createJournal(folder, publicKey);
      this.#store = openStore(folder, false);
      const lastPosition = this.#continue(publicKey);
      this.#keepLayouts(layouts);
      this.#queue = new StoreQueue({
        store: this.#store,
        lastPosition,
        onTaken: (buffer) => this.#block.reuse(buffer),
        onFailed: (problem) => {
          this.state = 'failed';
          this.problem = `the journal cannot be written: ${problem}`;
        },
      });
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.#lookAtRoom();
  }

  /** Positions up to which records are in the store, and survive the end of this process. */
  get committed(): number {
    return this.#queue.committed;
  }

  /** Positions up to which records are on the disk, and survive the loss of power. */
  get synced(): number {
    return this.#queue.synced;
  }

  /** Ordinal of the block that is being filled. */
  get ordinal(): number {
    return this.#ordinal;
  }

  /** Position of the last record taken, on disk or not. */
  get position(): number {
    return this.#position;
  }

  /**
   * Takes the record of `length` bytes at `offset`, a multiple of 4, in memory seen as 32-bit words. Returns false, and takes
   * nothing, where the disk is too slow or full: the caller keeps the record and tries again, or raises the alarm.
   * @param position log sequence number of the record; what is lower than those before counts as the highest of them
   */
  append(memory: Int32Array, offset: number, length: number, position: number): boolean {
    if (this.#block.isFull && !this.seal()) return false;
    if (this.state !== 'open') return false;
    if (length < 8 || length > MOST_RECORD_BYTES) {
      throw new RangeError(`a record has 8 to ${MOST_RECORD_BYTES} bytes, found ${length}`);
    }
    if (position > this.#position) this.#position = position;
    if (this.#block.records === 0) this.#firstPosition = this.#position;
    this.#block.add(memory, offset, length);
    return true;
  }

  /** Seals the block that is being filled and hands it to the store; false where there is no room for it now. */
  seal(): boolean {
    const block = this.#block;
    if (block.records === 0) return true;
    if (this.state !== 'open' || this.#queue.pending >= MOST_PENDING) return false;
    if (this.#ordinal % BLOCKS_PER_LOOK === 0 && !this.#lookAtRoom()) return false;
    const value = block.bytes;
    const lastPosition = this.#position;
    this.#previousHash = sealBlock(value, {
      ordinal: this.#ordinal,
      firstPosition: this.#firstPosition,
      lastPosition,
      records: block.records,
      previousHash: this.#previousHash,
    });
    const key = blockKey(this.#firstPosition, this.#ordinal);
    this.#queue.put({ database: 'blocks', key, value, lastPosition, buffer: block.next() });
    this.#ordinal++;
    return true;
  }

  /** Seals what there is and signs where the chain stands. @param time microseconds since the Unix epoch */
  sign(time: number): boolean {
    if (!this.seal()) return false;
    const ordinal = this.#ordinal - 1;
    if (ordinal <= this.#signedOrdinal) return true;
    const head = { ordinal, lastPosition: this.#position, time, hash: this.#previousHash };
    this.#queue.put({ database: 'heads', key: ordinal, value: signHead(head, this.#key) });
    this.#signedOrdinal = ordinal;
    return true;
  }

  /** Keeps the digest of a stage's outputs up to a position. */
  digest(stage: string, position: number, hash: Buffer): void {
    this.#queue.put({ database: 'digests', key: [stage, position], value: hash });
  }

  /** Waits until the store has taken what is under way to it: then there may be room again for who was refused. */
  room(): Promise<void> {
    return this.#queue.room();
  }

  /** Waits until everything that was sealed is on the disk. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Looks again at a disk that was full; true when there is room, and the writer takes records again. */
  recover(): boolean {
    if (this.state !== 'full' || this.#freeBytes() < this.#reserveBytes + ROOM_TO_GO_ON) return false;
    this.state = 'open';
    this.problem = '';
    return true;
  }

  /** Seals, signs, waits for the disk, and closes. @param time microseconds since the Unix epoch */
  async close(time: number): Promise<void> {
    while (this.state === 'open' && !this.sign(time)) await this.flush();
    if (this.state === 'open' || this.state === 'full') await this.flush();
    if (this.state === 'closed') return;
    const closed = this.#store.env.close();
    // A store whose write has failed may wait for it for ever.
    if (this.state === 'failed') await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
    else await closed;
    this.#lock.release();
    if (this.state === 'open') this.state = 'closed';
  }

  /** Takes up the chain where the last writer left it; the last position that the store has, below 0 for none. */
  #continue(publicKey: string): number {
    const { blocks } = this.#store;
    const known = metaForWriting(this.#store, publicKey);
    if (known.format !== JOURNAL_FORMAT) {
      throw new Error(`the journal has format ${known.format}; this version writes format ${JOURNAL_FORMAT}`);
    }
    if (known.publicKey !== publicKey) {
      throw new Error('the journal was signed with another key: give that key, or begin a new journal');
    }
    this.#ordinal = known.base.ordinal;
    this.#previousHash = Buffer.from(known.base.hash, 'hex');
    for (const { value } of blocks.getRange({ reverse: true, limit: 1 })) {
      const header = readHeader(value);
      if (header === undefined)
        throw new Error('the journal ends with bytes that are no block; run "volfilter journal verify"');
      this.#ordinal = header.ordinal + 1;
      this.#previousHash = header.hash;
      this.#position = header.lastPosition;
      this.#signedOrdinal = header.ordinal;
      return header.lastPosition;
    }
    return -1;
  }

  #keepLayouts(layouts: JournalLayouts): void {
    const text = JSON.stringify(layouts);
    for (const { value } of this.#store.layouts.getRange({ reverse: true, limit: 1 })) if (value === text) return;
    this.#store.layouts.putSync(this.#ordinal, text);
  }

  /** Says that the disk is full before it is: LMDB must never meet the end of it. */
  #lookAtRoom(): boolean {
    const free = this.#freeBytes();
    if (free >= this.#reserveBytes) return true;
    this.state = 'full';
    this.problem = `the journal's disk has ${free} bytes left, and ${this.#reserveBytes} must stay free`;
    return false;
  }
}
