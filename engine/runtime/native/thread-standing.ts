import { readFileSync } from 'node:fs';

/** How the kernel sees a thread at one moment. */
export interface ThreadStanding {
  /** It asks for a CPU, or waits inside the kernel for something that is not its own doing, such as a page. */
  wantsCpu: boolean;
  /** Milliseconds that it has had a CPU in all its life. */
  ranMs: number;
}

/** Reads /proc: some ten microseconds. Undefined where there is no such thread, or no such system. */
export function threadStanding(process: number, thread: number): ThreadStanding | undefined {
  try {
    const folder = `/proc/${process}/task/${thread}`;
    const stat = readFileSync(`${folder}/stat`, 'latin1');
    // The name before it may hold anything, parentheses too.
    const state = stat[stat.lastIndexOf(')') + 2];
    const ran = Number.parseInt(readFileSync(`${folder}/schedstat`, 'latin1'), 10);
    return { wantsCpu: state === 'R' || state === 'D', ranMs: ran / 1e6 };
  } catch {
    return undefined;
  }
}
