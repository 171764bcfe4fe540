import type { KeyObject } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { BLOCK_HEADER, blockKey, HASH_BYTES, readHeader, sealBlock } from './block.js';
import { createJournal, metaForWriting } from './creation.js';
import { signHead } from './head.js';
import type { JournalLayouts } from './layouts.js';
import { publicKeyText } from './signing-key.js';
import { JOURNAL_FORMAT, type JournalStore, openStore } from './store.js';
import { WriterLock } from './writer-lock.js';

/**
 * Bytes of records after which a block is sealed: with its header, one more record of the common sizes and what LMDB puts before
 * it, it fills sixteen pages of 4 KiB and does not begin a seventeenth.
 */
const BLOCK_BYTES = 63 * 1024;

/** Most bytes of one record. */
const MOST_RECORD_BYTES = 512 * 1024;

/** Blocks under way to the disk before the writer takes no more: 16 MB. */
const MOST_PENDING = 256;

/**
 * Blocks of one transaction: 1 MB, and more where more waits. LMDB hands what lies side by side to the system in one call, and for
 * large ones the system takes huge pages that nobody has used lately: on a virtual machine, whose host then has to find them, a byte
 * costs up to three times as much. But each transaction waits twice for a CPU, which is what counts where that takes long.
 */
const LEAST_PER_TRANSACTION = 16;
/** Of what waits, a quarter: 4 MB where the queue is full. */
const PART_PER_TRANSACTION = 4;

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

/** What is handed to the store. */
type Write =
  | { database: 'blocks'; key: Buffer; value: Buffer; lastPosition: number; buffer: Buffer }
  | { database: 'heads'; key: number; value: Buffer }
  | { database: 'digests'; key: [stage: string, position: number]; value: Buffer };

export type JournalState = 'open' | 'full' | 'failed' | 'closed';

/**
 * Appends records to a journal in hash-chained blocks. It belongs to one thread, copies records where they lie, and lets
 * LMDB write on a thread of its own.
 *
 * When the disk is full or a write fails, it says so in `state` and `problem` and takes no more; what was committed stays
 * readable.
 */
export class JournalWriter {
  /** Positions up to which records are in the store, and survive the end of this process. */
  committed = -1;
  /** Positions up to which records are on the disk, and survive the loss of power. */
  synced = -1;
  state: JournalState = 'open';
  /** What went wrong, in words, where `state` is full or failed. */
  problem = '';

  readonly #store: JournalStore;
  readonly #lock: WriterLock;
  readonly #key: KeyObject;
  readonly #freeBytes: () => number;
  readonly #reserveBytes: number;
  readonly #pool: Buffer[] = [];
  #block: Buffer;
  #words: Int32Array;
  #doubles: Float64Array;
  /** The memory that records were last taken from, and the same as float64. */
  #source: Int32Array | undefined;
  #sourceDoubles: Float64Array | undefined;
  #filled = BLOCK_HEADER;
  #records = 0;
  #ordinal = 0;
  #firstPosition = 0;
  #position = 0;
  #previousHash: Buffer = Buffer.alloc(HASH_BYTES);
  /** Blocks that are queued or under way. */
  #pending = 0;
  /** Writes that wait for the transaction that is under way. */
  #queue: Write[] = [];
  #inFlight: Promise<void> | undefined;
  #syncing = false;
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
    this.#block = this.#takeBuffer();
    this.#words = new Int32Array(this.#block.buffer);
    this.#doubles = new Float64Array(this.#block.buffer);
    try {
      const publicKey = publicKeyText(key);
      createJournal(folder, publicKey);
      this.#store = openStore(folder, false);
      this.#continue(publicKey);
      this.#keepLayouts(layouts);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
    this.#lookAtRoom();
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
    if (this.#filled >= BLOCK_HEADER + BLOCK_BYTES && !this.seal()) return false;
    if (this.state !== 'open') return false;
    if (length < 8 || length > MOST_RECORD_BYTES) {
      throw new RangeError(`a record has 8 to ${MOST_RECORD_BYTES} bytes, found ${length}`);
    }
    if (position > this.#position) this.#position = position;
    if (this.#records === 0) this.#firstPosition = this.#position;
    this.#copy(memory, offset, length);
    this.#filled = (this.#filled + length + 7) & ~7;
    this.#records++;
    return true;
  }

  /** Copies a record behind those in the block; what pads it is part of the block's hash, so it is always zero. */
  #copy(memory: Int32Array, offset: number, length: number): void {
    const words = this.#words;
    const to = this.#filled >> 2;
    let index = 0;
    // Eight bytes at a time: the copying of a record is half of what taking it costs.
    if (memory !== this.#source) this.#lookAt(memory);
    const from = this.#sourceDoubles;
    if (from !== undefined && (offset & 7) === 0) {
      const doubles = this.#doubles;
      const first = offset >> 3;
      const place = this.#filled >> 3;
      const count = length >> 3;
      for (let double = 0; double < count; double++) doubles[place + double] = from[first + double]!;
      index = count << 1;
    }
    const firstWord = offset >> 2;
    const count = (length + 3) >> 2;
    for (; index < count; index++) words[to + index] = memory[firstWord + index]!;
    if ((count & 1) !== 0) words[to + count] = 0;
    const end = this.#filled + length;
    if ((length & 3) !== 0) this.#block.fill(0, end, (end + 3) & ~3);
  }

  #lookAt(memory: Int32Array): void {
    this.#source = memory;
    const isAligned = (memory.byteOffset & 7) === 0;
    this.#sourceDoubles = isAligned
      ? new Float64Array(memory.buffer, memory.byteOffset, memory.length >> 1)
      : undefined;
  }

  /** Seals the block that is being filled and hands it to the store; false where there is no room for it now. */
  seal(): boolean {
    if (this.#records === 0) return true;
    if (this.state !== 'open' || this.#pending >= MOST_PENDING) return false;
    if (this.#ordinal % BLOCKS_PER_LOOK === 0 && !this.#lookAtRoom()) return false;
    const buffer = this.#block;
    const block = buffer.subarray(0, this.#filled);
    const lastPosition = this.#position;
    this.#previousHash = sealBlock(block, {
      ordinal: this.#ordinal,
      firstPosition: this.#firstPosition,
      lastPosition,
      records: this.#records,
      previousHash: this.#previousHash,
    });
    const key = blockKey(this.#firstPosition, this.#ordinal);
    this.#pending++;
    this.#write({ database: 'blocks', key, value: block, lastPosition, buffer });
    this.#ordinal++;
    this.#records = 0;
    this.#filled = BLOCK_HEADER;
    this.#block = this.#takeBuffer();
    this.#words = new Int32Array(this.#block.buffer);
    this.#doubles = new Float64Array(this.#block.buffer);
    return true;
  }

  /** Seals what there is and signs where the chain stands. @param time microseconds since the Unix epoch */
  sign(time: number): boolean {
    if (!this.seal()) return false;
    const ordinal = this.#ordinal - 1;
    if (ordinal <= this.#signedOrdinal) return true;
    const head = { ordinal, lastPosition: this.#position, time, hash: this.#previousHash };
    this.#write({ database: 'heads', key: ordinal, value: signHead(head, this.#key) });
    this.#signedOrdinal = ordinal;
    return true;
  }

  /** Keeps the digest of a stage's outputs up to a position. */
  digest(stage: string, position: number, hash: Buffer): void {
    this.#write({ database: 'digests', key: [stage, position], value: hash });
  }

  /** Waits until the store has taken what is under way to it: then there may be room again for who was refused. */
  async room(): Promise<void> {
    await this.#inFlight;
  }

  /** Waits until everything that was sealed is on the disk. */
  async flush(): Promise<void> {
    while (this.#inFlight !== undefined) await this.#inFlight;
    const position = this.committed;
    await this.#store.blocks.flushed;
    if (this.state === 'open' && position > this.synced) this.synced = position;
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

  /** Takes up the chain where the last writer left it. */
  #continue(publicKey: string): void {
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
      this.committed = header.lastPosition;
      this.synced = header.lastPosition;
      this.#signedOrdinal = header.ordinal;
    }
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

  /**
   * Hands a write to the store behind all those before it. One transaction at a time: were a later one to succeed where an earlier
   * one has failed, as on a disk that is full, the chain would have a hole.
   */
  #write(write: Write): void {
    this.#queue.push(write);
    if (this.#inFlight === undefined) this.#submit();
  }

  #submit(): void {
    this.#inFlight = undefined;
    if (this.#queue.length === 0 || this.state === 'failed') return;
    const part = Math.ceil(this.#queue.length / PART_PER_TRANSACTION);
    const writes = this.#queue.splice(0, Math.max(LEAST_PER_TRANSACTION, part));
    // Each write's own promise fails with the whole, which is heard of once.
    const unheard = (error: unknown): void => {
      (error as { commitError?: Promise<unknown> } | undefined)?.commitError?.catch(() => {});
    };
    const store = this.#store;
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
          const said = cause ?? error;
          this.#fail(said instanceof Error ? said.message : String(said));
        },
      )
      .then(() => this.#submit());
  }

  #stored(writes: readonly Write[]): void {
    for (const write of writes) {
      if (write.database !== 'blocks') continue;
      this.#pending--;
      this.#pool.push(write.buffer);
      this.committed = write.lastPosition;
    }
    this.#sync();
  }

  /** Moves `synced` on once what is committed now is on the disk; one wait at a time. */
  #sync(): void {
    if (this.#syncing) return;
    this.#syncing = true;
    const position = this.committed;
    this.#store.blocks.flushed.then(
      () => {
        this.#syncing = false;
        this.synced = position;
        if (this.committed > position && this.state === 'open') this.#sync();
      },
      (error: unknown) => this.#fail(error instanceof Error ? error.message : String(error)),
    );
  }

  #fail(problem: string): void {
    if (this.state === 'failed') return;
    this.state = 'failed';
    this.problem = `the journal cannot be written: ${problem}`;
  }

  #takeBuffer(): Buffer {
    return this.#pool.pop() ?? Buffer.allocUnsafeSlow(BLOCK_HEADER + BLOCK_BYTES + MOST_RECORD_BYTES);
  }
}
