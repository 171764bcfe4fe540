/**
 * Shared memory whose every access is an event.
 *
 * While `during` runs, the globals through which code reaches shared memory (Atomics, typed arrays, DataView) are replaced: views
 * of the tracked memory report each access to an observer, which performs it, answers for it, or stops the code there. Code
 * under test is the real code, unchanged.
 */

/** What is about to happen; `perform` does it and gives what was read. */
export interface Access {
  /** Atomics' own name, or 'read' and 'write' for plain accesses. */
  operation: string;
  byteOffset: number;
  perform: () => unknown;
}

/** What an Atomics.wait gives that would sleep. */
export const SLEEPS = 'sleeps';

export type Observer = (access: Access) => unknown;

type NumericArray = Int32Array | Float64Array;
type Constructor = new (...args: unknown[]) => object;

const real = { Atomics, Int32Array, Float64Array, DataView };
type Name = keyof typeof real;

export class TrackedMemory {
  readonly bytes: ArrayBuffer;
  private readonly isQuiet: (byteOffset: number) => boolean;
  private observer: Observer = (access) => access.perform();
  /** Tracked views, to the real ones behind them. */
  private readonly realOf = new WeakMap<object, NumericArray>();

  /** Accesses to quiet bytes are no events: code must not do anything that depends on them. */
  constructor(byteLength: number, isQuiet: (byteOffset: number) => boolean) {
    this.bytes = new ArrayBuffer(byteLength);
    this.isQuiet = isQuiet;
  }

  /** Runs code that sees the tracked memory. */
  during<Result>(observer: Observer, code: () => Result): Result {
    const target = globalThis as unknown as Record<Name, unknown>;
    this.observer = observer;
    target.Atomics = this.atomics;
    target.Int32Array = this.arrays(real.Int32Array);
    target.Float64Array = this.arrays(real.Float64Array);
    target.DataView = this.views;
    try {
      return code();
    } finally {
      Object.assign(target, real);
    }
  }

  private access(operation: string, byteOffset: number, perform: () => unknown): unknown {
    return this.isQuiet(byteOffset) ? perform() : this.observer({ operation, byteOffset, perform });
  }

  private readonly atomics = new Proxy(real.Atomics, {
    get: (atomics, name: string) => {
      const operation = Reflect.get(atomics, name) as (
        array: NumericArray,
        index: number,
        ...rest: unknown[]
      ) => unknown;
      if (typeof operation !== 'function') return operation;
      return (view: NumericArray, index: number, ...rest: unknown[]): unknown => {
        const array = this.realOf.get(view);
        if (array === undefined) return operation.call(atomics, view, index, ...rest);
        // Sleeping and waking is the observer's: one thread plays them all.
        const perform =
          name === 'wait'
            ? () => (array[index] === rest[0] ? SLEEPS : 'not-equal')
            : name === 'notify'
              ? () => 0
              : () => operation.call(atomics, array, index, ...rest);
        return this.access(name, array.byteOffset + index * array.BYTES_PER_ELEMENT, perform);
      };
    },
  });

  /** A typed array's constructor whose views of the tracked memory are tracked. */
  private arrays(arrayType: typeof Int32Array | typeof Float64Array): unknown {
    return new Proxy(arrayType, {
      construct: (target, args: unknown[]) => {
        const array = Reflect.construct(target as unknown as Constructor, args) as NumericArray;
        return args[0] === this.bytes ? this.track(array) : array;
      },
    });
  }

  private track(array: NumericArray): NumericArray {
    const place = (name: string | symbol): number =>
      typeof name === 'string' && /^\d+$/.test(name) ? array.byteOffset + Number(name) * array.BYTES_PER_ELEMENT : -1;
    const view = new Proxy(array, {
      get: (target, name) => {
        const byteOffset = place(name);
        if (byteOffset >= 0) return this.access('read', byteOffset, () => Reflect.get(target, name, target));
        // Only counters are taken as sub-arrays: they are one side's own, so a copy will do.
        if (name === 'subarray') return (from: number, to: number) => target.slice(from, to);
        return Reflect.get(target, name, target);
      },
      set: (target, name, value) => {
        const byteOffset = place(name);
        const write = (): boolean => Reflect.set(target, name, value, target);
        if (byteOffset >= 0) this.access('write', byteOffset, write);
        else write();
        return true;
      },
    });
    this.realOf.set(view, array);
    return view;
  }

  private readonly views = new Proxy(real.DataView, {
    construct: (target, args: [ArrayBuffer, number?, number?]) => {
      const view = new target(...args);
      if (args[0] !== this.bytes) return view;
      return new Proxy(view, {
        get: (whole, name) => {
          const member: unknown = Reflect.get(whole, name, whole);
          if (typeof member !== 'function') return member;
          const operation = String(name).startsWith('get') ? 'read' : 'write';
          return (offset: number, ...rest: unknown[]): unknown =>
            this.access(operation, whole.byteOffset + offset, () => member.call(whole, offset, ...rest));
        },
      });
    },
  });
}
