import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mappedFilesUnavailable } from '../../runtime/arena/mapped-file.js';
import { libc, libcFailure } from '../../runtime/native/libc.js';
import { usableCpus } from '../../runtime/topology/placement.js';

export type Verdict = 'good' | 'note' | 'bad';

/** One thing that was looked at: what was found, and what it costs when it is not as it should be. */
export interface Finding {
  name: string;
  verdict: Verdict;
  found: string;
  cost?: string;
}

/** Oldest Node that the engine runs on: major and minor. */
const OLDEST_NODE = [20, 19] as const;

/** Looks at everything on this machine that decides how well the engine can run. Changes nothing. */
export function examine(): Finding[] {
  return [
    cores(),
    isolation(),
    governor(),
    hugePages(),
    affinity(),
    realtime(),
    lockedMemory(),
    sharedMemory(),
    nodeVersion(),
    nodeFlags(),
    atomicsPause(),
    nativeCalls(),
    optionalPackage('uWebSockets.js', 'the gateway serves through node:http'),
    optionalPackage('lmdb', 'the journal cannot be written'),
  ];
}

function cores(): Finding {
  const count = usableCpus().length;
  const found = `${count} usable`;
  if (count >= 8) return { name: 'CPU cores', verdict: 'good', found };
  if (count >= 2)
    return { name: 'CPU cores', verdict: 'note', found, cost: 'the whole core shares one thread and one CPU' };
  return { name: 'CPU cores', verdict: 'bad', found, cost: 'the core and everything with sockets share one CPU' };
}

function isolation(): Finding {
  const isolated = readText('/sys/devices/system/cpu/isolated');
  if (isolated !== undefined && isolated !== '') return { name: 'isolated CPUs', verdict: 'good', found: isolated };
  return {
    name: 'isolated CPUs',
    verdict: 'note',
    found: 'none (boot with isolcpus= and nohz_full=)',
    cost: 'the kernel may run others on the core’s CPU: single delays of milliseconds',
  };
}

function governor(): Finding {
  const name = 'frequency governor';
  const found = readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor');
  if (found === undefined) return { name, verdict: 'note', found: 'not visible (virtual machine?)' };
  if (found === 'performance') return { name, verdict: 'good', found };
  return { name, verdict: 'note', found, cost: 'the CPU may be slow for the first milliseconds after a pause' };
}

function hugePages(): Finding {
  const name = 'transparent huge pages';
  const text = readText('/sys/kernel/mm/transparent_hugepage/enabled');
  const found = /\[(\w+)\]/.exec(text ?? '')?.[1] ?? 'not visible';
  if (found !== 'always') return { name, verdict: 'good', found };
  return { name, verdict: 'note', found, cost: 'compaction can stall a thread for milliseconds; madvise is better' };
}

function affinity(): Finding {
  const name = 'thread pinning';
  const library = libc();
  if (library === undefined) {
    return { name, verdict: 'bad', found: 'not available', cost: 'venue round trip p99 three to six times longer' };
  }
  return { name, verdict: 'good', found: `CPUs ${library.allowedCpus().join(', ')}` };
}

function realtime(): Finding {
  const name = 'real-time threads';
  if (libc()?.allowsRealtime() === true) return { name, verdict: 'good', found: 'allowed (volfilter run --realtime)' };
  return {
    name,
    verdict: 'note',
    found: 'refused (ulimit -r or CAP_SYS_NICE, and Linux 6.12 or kernel.sched_rt_runtime_us=-1)',
    cost: 'a process that strays to the core’s CPU shares it: delays of milliseconds while it works',
  };
}

function lockedMemory(): Finding {
  const name = 'locked memory';
  const locks = libc()?.lockMemory(new SharedArrayBuffer(1 << 20)) ?? false;
  const limit = /Max locked memory\s+(\S+)\s+(\S+)/.exec(readText('/proc/self/limits') ?? '')?.[1] ?? 'unknown';
  const found = `limit ${limit === 'unlimited' ? limit : `${limit} bytes`}`;
  if (locks) return { name, verdict: 'good', found };
  return { name, verdict: 'note', found, cost: 'rings can be swapped out (ulimit -l)' };
}

function sharedMemory(): Finding {
  const name = 'shared-memory files';
  const unavailable = mappedFilesUnavailable();
  if (unavailable === undefined) return { name, verdict: 'good', found: '/dev/shm can be mapped' };
  return {
    name,
    verdict: 'bad',
    found: unavailable,
    cost: 'killer and gateway run as threads of the engine: a crash there takes the quotes down',
  };
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const supported = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  const found = `${process.version}, V8 ${process.versions.v8}`;
  if (supported) return { name: 'Node.js', verdict: 'good', found };
  return { name: 'Node.js', verdict: 'bad', found, cost: `needs ${OLDEST_NODE.join('.')} or later` };
}

function nodeFlags(): Finding {
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].filter((flag) => flag !== '');
  return { name: 'Node flags', verdict: 'good', found: flags.length === 0 ? 'none' : flags.join(' ') };
}

function atomicsPause(): Finding {
  const name = 'Atomics.pause';
  if ('pause' in Atomics) return { name, verdict: 'good', found: 'present' };
  return {
    name,
    verdict: 'note',
    found: 'absent (Node 24 has it)',
    cost: 'spinning threads take more from a sibling core',
  };
}

function nativeCalls(): Finding {
  const name = 'native calls (koffi)';
  const failure = libcFailure();
  if (failure === undefined) return { name, verdict: 'good', found: 'loaded' };
  return {
    name,
    verdict: 'bad',
    found: failure,
    cost: 'no pinning, no yielding (4 threads on 2 cores: 25 us a hop instead of 3), no mapped memory, clocks allocate',
  };
}

function optionalPackage(name: string, cost: string): Finding {
  try {
    createRequire(import.meta.url)(name);
    return { name, verdict: 'good', found: 'loaded' };
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' ? 'not installed' : (error as Error).message;
    return { name, verdict: 'note', found: why.split('\n')[0]!, cost };
  }
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}
