import { readFileSync, readlinkSync } from 'node:fs';

/** A process, told from a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks from boot to the start of the process. */
  started: number;
  /** Inode of the pid namespace: pids of another container mean nothing here. */
  namespace: number;
}

/** Ticks from boot to the start of a running process; undefined when there is none (a zombie is none). */
export function processStarted(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything; what follows is separated by blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    return state === 'Z' || state === 'X' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** Inode of this process's pid namespace; 0 where there is no /proc. */
function pidNamespace(): number {
  try {
    return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: processStarted(process.pid) ?? 0, namespace: pidNamespace() };
}

/** Whether this very process is running. One of another pid namespace cannot be judged and counts as running. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.namespace !== pidNamespace()) return true;
  return processStarted(identity.pid) === identity.started;
}
