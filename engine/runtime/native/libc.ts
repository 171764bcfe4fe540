import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, release } from 'node:os';

/** The C library's calls that the runtime uses, when koffi is installed and the platform is Linux with glibc. */
export interface Libc {
  /** Lets a thread, by the kernel's number, or the calling one, run on these CPUs alone; false when the kernel refuses. */
  confineThread(cpus: readonly number[], thread?: number): boolean;
  /**
   * Pins every thread that a process has now, this one where none is said, but for the `others`, which stay where they are. Threads made later by one that
   * was pinned inherit it.
   */
  pinProcess(cpu: number, process?: number, others?: readonly number[]): boolean;
  /** CPUs that the calling thread may run on. */
  allowedCpus(): number[];
  /** Gives the CPU to another runnable thread. */
  yieldCpu(): void;
  /** Names the calling thread, at most 15 bytes, as shown by `top -H`. */
  nameThread(name: string): void;
  /** The kernel's number of the calling thread. */
  threadId(): number;
  /** Lowers the calling thread's priority by a nice value from 0 to 19. */
  niceThread(value: number): boolean;
  /**
   * Lets the calling thread run before all that is not real-time, and equals in turn (SCHED_FIFO, least priority); threads that it makes
   * are ordinary. False when the kernel refuses, or would stop a thread that never sleeps for 50 ms in each second, as before 6.12.
   */
  realtimeThread(): boolean;
  /** Whether `realtimeThread` would succeed; leaves the calling thread as ordinary threads are. */
  allowsRealtime(): boolean;
  /** Keeps memory from being swapped out; false when the limit on locked memory forbids it. */
  lockMemory(memory: ArrayBufferLike): boolean;
  /** Asks for large pages behind memory that nothing was written to yet; false where the kernel has none to give. */
  adviseLargePages(memory: ArrayBufferLike): boolean;
  /** Writes CLOCK_MONOTONIC's seconds and nanoseconds into a buffer of two int64. */
  readMonotonic(seconds: BigInt64Array): void;
  /** Writes CLOCK_REALTIME's seconds and nanoseconds into a buffer of two int64. */
  readRealtime(seconds: BigInt64Array): void;
  /** Writes the seconds and nanoseconds that the calling thread has had a CPU into a buffer of two int64. */
  readThreadTime(seconds: BigInt64Array): void;
  /** Maps a file of exactly `bytes` bytes, shared with every process that maps it. */
  mapFile(path: string, bytes: number, access: 'read' | 'write'): ArrayBuffer;
  /** A descriptor of memory without a name in any folder, of size 0. */
  createMemoryFile(name: string): number;
  /** Seals such memory: nobody can make it smaller or larger any more. */
  sealSize(descriptor: number): void;
  /** Sleeps until a wake on this word, unless it no longer holds `expected`; at most `timeoutMs`. Across processes. */
  futexWait(memory: ArrayBufferLike, byteOffset: number, expected: number, timeoutMs: number): void;
  /** The same away from the calling thread, whose event loop goes on: `done` is called there when the sleep has ended, however it did. */
  futexSleep(memory: ArrayBufferLike, byteOffset: number, expected: number, timeoutMs: number, done: () => void): void;
  /** Wakes every sleeper on this word, in any process. */
  futexWake(memory: ArrayBufferLike, byteOffset: number): void;
  /** From now on the kernel ends this process by SIGTERM when the thread that started it has ended, whatever it does at that moment. */
  endWithParent(): void;
}

/** A function of a library; `async` calls it on a thread of libuv's pool and hands its result to the callback, which is the last argument. */
type NativeFunction = ((...args: unknown[]) => unknown) & { async(...args: unknown[]): void };

interface Koffi {
  load(library: string): { func(prototype: string): NativeFunction };
  view(pointer: unknown, bytes: number): ArrayBuffer;
  address(pointer: unknown): bigint;
}

const O_RDONLY = 0;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MADV_HUGEPAGE = 14;
/** Of the bytes of an address, those within a page of 4 KiB. */
const PAGE_MASK = 4095n;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;
const F_SEAL_SHRINK = 2;
const F_SEAL_GROW = 4;
const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_THREAD_CPUTIME_ID = 3;
const PR_SET_PDEATHSIG = 1;
const PR_SET_NAME = 15;
const PRIO_PROCESS = 0;
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const SCHED_RESET_ON_FORK = 0x40000000;
const LEAST_REALTIME_PRIORITY = 1;
const SYS_FUTEX = process.arch === 'arm64' ? 98 : 202;
const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
/** Bytes of the CPU sets handed to the kernel: 1,024 CPUs, the C library's own default. */
const CPU_SET_BYTES = 128;

let loaded: Libc | undefined;
let failure: string | undefined;

/** The C library, or undefined; `libcFailure()` then says why. Loaded once per thread. */
export function libc(): Libc | undefined {
  if (loaded === undefined && failure === undefined) {
    try {
      loaded = load();
    } catch (error) {
      failure = error instanceof Error ? error.message.split('\n')[0] : String(error);
    }
  }
  return loaded;
}

/** Why there is no C library, for `volfilter doctor`; undefined when there is one. */
export function libcFailure(): string | undefined {
  libc();
  return failure;
}

/** The kernel's numbers of the threads of a process, this one where none is said; none of one that is gone. */
export function threadsOf(process?: number): number[] {
  try {
    return readdirSync(`/proc/${process ?? 'self'}/task`).map(Number);
  } catch {
    return [];
  }
}

function load(): Libc {
  if (process.env.VOLFILTER_NO_NATIVE === '1') throw new Error('switched off by VOLFILTER_NO_NATIVE=1');
  if (process.platform !== 'linux') throw new Error(`there is no Linux C library on ${process.platform}`);
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const library = koffi.load('libc.so.6');
  const setAffinity = library.func('int sched_setaffinity(int pid, size_t bytes, const void *set)');
  const getAffinity = library.func('int sched_getaffinity(int pid, size_t bytes, void *set)');
  const schedYield = library.func('int sched_yield()') as () => number;
  const prctl = library.func('int prctl(int option, ...)');
  const setPriority = library.func('int setpriority(int which, int who, int priority)');
  const setScheduler = library.func('int sched_setscheduler(int pid, int policy, const void *parameter)');
  const getThreadId = library.func('int gettid()') as () => number;
  const mlock = library.func('int mlock(const void *address, size_t bytes)');
  const madvise = library.func('int madvise(uintptr_t address, size_t bytes, int advice)');
  const clockGetTime = library.func('int clock_gettime(int clock, void *time)') as (
    clock: number,
    time: BigInt64Array,
  ) => number;
  const open = library.func('int open(const char *path, int flags)') as (path: string, flags: number) => number;
  const close = library.func('int close(int descriptor)') as (descriptor: number) => number;
  const mmap = library.func(
    'void *mmap(void *address, size_t bytes, int protection, int flags, int descriptor, long offset)',
  );
  const memfdCreate = library.func('int memfd_create(const char *name, unsigned int flags)');
  const fcntl = library.func('int fcntl(int descriptor, int command, int argument)');
  const futex = library.func(
    'long syscall(long number, const void *word, int operation, int value, const void *timeout, void *word2, int value3)',
  );

  const confine = (threadId: number, cpus: readonly number[]): boolean => {
    const set = new Uint8Array(CPU_SET_BYTES);
    for (const cpu of cpus) {
      if (!Number.isInteger(cpu) || cpu < 0 || cpu >= CPU_SET_BYTES * 8) return false;
      set[cpu >> 3]! |= 1 << (cpu & 7);
    }
    return setAffinity(threadId, CPU_SET_BYTES, set) === 0;
  };

  const realtimeThread = (): boolean =>
    !throttlesRealtime() &&
    setScheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, Int32Array.of(LEAST_REALTIME_PRIORITY)) === 0;

  return {
    confineThread: (cpus, thread = 0) => confine(thread, cpus),
    pinProcess(cpu, process, others = []) {
      // A thread may end between the listing and the call; that is no failure of those that live.
      return threadsOf(process)
        .filter((id) => !others.includes(id))
        .map((id) => confine(id, [cpu]))
        .some(Boolean);
    },
    allowedCpus() {
      const set = new Uint8Array(CPU_SET_BYTES);
      // Returns the bytes written on success through the raw call and 0 through glibc.
      if ((getAffinity(0, CPU_SET_BYTES, set) as number) < 0) return [];
      const cpus: number[] = [];
      for (let cpu = 0; cpu < CPU_SET_BYTES * 8; cpu++) {
        if ((set[cpu >> 3]! & (1 << (cpu & 7))) !== 0) cpus.push(cpu);
      }
      return cpus;
    },
    yieldCpu() {
      schedYield();
    },
    nameThread(name) {
      prctl(PR_SET_NAME, 'const char *', name.slice(0, 15));
    },
    threadId: getThreadId,
    niceThread(value) {
      return setPriority(PRIO_PROCESS, getThreadId(), value) === 0;
    },
    realtimeThread,
    allowsRealtime() {
      const allowed = realtimeThread();
      if (allowed) setScheduler(0, SCHED_OTHER, Int32Array.of(0));
      return allowed;
    },
    lockMemory(memory) {
      return mlock(new Uint8Array(memory), memory.byteLength) === 0;
    },
    adviseLargePages(memory) {
      // Only whole pages can be advised on.
      const begin = koffi.address(new Uint8Array(memory));
      const from = (begin + PAGE_MASK) & ~PAGE_MASK;
      const to = (begin + BigInt(memory.byteLength)) & ~PAGE_MASK;
      return to > from && madvise(from, to - from, MADV_HUGEPAGE) === 0;
    },
    readMonotonic(seconds) {
      clockGetTime(CLOCK_MONOTONIC, seconds);
    },
    readRealtime(seconds) {
      clockGetTime(CLOCK_REALTIME, seconds);
    },
    readThreadTime(seconds) {
      clockGetTime(CLOCK_THREAD_CPUTIME_ID, seconds);
    },
    mapFile(path, bytes, access) {
      const descriptor = open(path, (access === 'write' ? O_RDWR : O_RDONLY) | O_CLOEXEC);
      if (descriptor < 0) throw new Error(`cannot open ${path} to map it for ${access}`);
      const protection = access === 'write' ? PROT_READ | PROT_WRITE : PROT_READ;
      const pointer = mmap(null, bytes, protection, MAP_SHARED, descriptor, 0);
      close(descriptor);
      if (pointer === null || koffi.address(pointer) === 0xffffffffffffffffn) {
        throw new Error(`cannot map ${bytes} bytes of ${path} for ${access}`);
      }
      // Never unmapped: a view that outlived its mapping would fault.
      return koffi.view(pointer, bytes);
    },
    createMemoryFile(name) {
      const descriptor = memfdCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) as number;
      if (descriptor < 0) throw new Error(`the kernel gives no memory file for ${name}`);
      return descriptor;
    },
    sealSize(descriptor) {
      if ((fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) as number) !== 0) {
        throw new Error('the kernel does not seal a memory file');
      }
    },
    futexWait(memory, byteOffset, expected, timeoutMs) {
      const word = new Int32Array(memory, byteOffset, 1);
      futex(SYS_FUTEX, word, FUTEX_WAIT, expected, timespec(timeoutMs), null, 0);
    },
    futexSleep(memory, byteOffset, expected, timeoutMs, done) {
      const word = new Int32Array(memory, byteOffset, 1);
      const timeout = timespec(timeoutMs);
      futex.async(SYS_FUTEX, word, FUTEX_WAIT, expected, timeout, null, 0, () => {
        // The kernel reads both while it sleeps: they must not be collected before.
        if (word.length + timeout.length > 0) done();
      });
    },
    futexWake(memory, byteOffset) {
      futex(SYS_FUTEX, new Int32Array(memory, byteOffset, 1), FUTEX_WAKE, 0x7fffffff, null, null, 0);
    },
    endWithParent() {
      prctl(PR_SET_PDEATHSIG, 'unsigned long', constants.signals.SIGTERM);
    },
  };
}

/** A time span as the kernel takes it: seconds and nanoseconds. */
function timespec(ms: number): BigInt64Array {
  return new BigInt64Array([BigInt(Math.floor(ms / 1000)), BigInt(Math.floor((ms % 1000) * 1e6))]);
}

/** Whether this kernel stops real-time threads for a part of each second even when nobody else wants the CPU. */
function throttlesRealtime(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 12)) return false;
  try {
    return readFileSync('/proc/sys/kernel/sched_rt_runtime_us', 'utf8').trim() !== '-1';
  } catch {
    return true;
  }
}
