import { RuntimeSetupError } from '../arena/arena.js';
import { inLargePages } from '../arena/large-pages.js';

/**
 * The one block of memory that holds everything a core actor knows, so that a snapshot is one copy and a restore another.
 * The actor takes its arrays from here once, at creation, always in the same order.
 */
export class ActorState {
  readonly memory: ArrayBuffer;
  private readonly owner: string;
  private taken = 0;

  constructor(owner: string, bytes: number) {
    this.owner = owner;
    this.memory = inLargePages(new ArrayBuffer((bytes + 7) & ~7));
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.memory, this.take(length * 8), length);
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.memory, this.take(length * 4), length);
  }

  bytes(length: number): Uint8Array {
    return new Uint8Array(this.memory, this.take(length), length);
  }

  /** Copies the state out, into `into` when it is given. */
  snapshot(into = new Uint8Array(this.memory.byteLength)): Uint8Array {
    into.set(new Uint8Array(this.memory));
    return into;
  }

  restore(snapshot: Uint8Array): void {
    if (snapshot.byteLength !== this.memory.byteLength) {
      throw new RuntimeSetupError(
        `state of '${this.owner}': expected a snapshot of ${this.memory.byteLength} bytes, found ${snapshot.byteLength}`,
      );
    }
    new Uint8Array(this.memory).set(snapshot);
  }

  private take(bytes: number): number {
    const offset = this.taken;
    this.taken += (bytes + 7) & ~7;
    if (this.taken > this.memory.byteLength) {
      throw new RuntimeSetupError(
        `state of '${this.owner}': ${this.taken} bytes are taken of the ${this.memory.byteLength} that its definition declares`,
      );
    }
    return offset;
  }
}
