import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts processor time in ticks of 10 ms on every machine that we know. */
const TICK_MS = 10;

/** A process and the processor time that it has used, its own and its threads'. */
export interface Used {
  pid: number;
  parent: number;
  /** End of its command line, which tells one from another. */
  command: string;
  ms: number;
}

/** A process and all that have come of it, with what each has used so far. */
export function processesOf(root: number): Used[] {
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => usedBy(Number(entry)) ?? []);
  const family = new Set([root]);
  // Children may come before their parents in the list: until nobody is new.
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid));
}

function usedBy(pid: number): Used | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    // Behind the name, which may hold anything, from the third field on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { pid, parent: Number(fields[1]), command: command[1] ?? command[0] ?? '', ms: ticks * TICK_MS };
  } catch {
    // It has ended since.
    return undefined;
  }
}
