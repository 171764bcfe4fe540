import { readdirSync, readFileSync } from 'node:fs';

/**
 * Memory of a process and of all that it started, by what each is, MB: pages that are shared count by their part (PSS), so that arenas which
 * several map are counted once.
 */
export function memoryOfTree(pid: number): Map<string, number> {
  const memory = new Map<string, number>();
  for (const each of treeOf(pid)) {
    try {
      const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${each}/smaps_rollup`, 'utf8'));
      const name = nameOf(readFileSync(`/proc/${each}/cmdline`, 'utf8').split('\0'));
      memory.set(name, (memory.get(name) ?? 0) + Number(kilobytes![1]) / 1000);
    } catch {
      // It has ended meanwhile.
    }
  }
  return memory;
}

function treeOf(pid: number): number[] {
  const tree = [pid];
  for (let at = 0; at < tree.length; at++) {
    try {
      for (const thread of readdirSync(`/proc/${tree[at]}/task`)) {
        const children = readFileSync(`/proc/${tree[at]}/task/${thread}/children`, 'utf8').trim();
        if (children !== '') tree.push(...children.split(' ').map(Number));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return tree;
}

/** The file that a process runs and its first word: `main run`, `main store`. */
function nameOf(command: readonly string[]): string {
  const at = command.findIndex((word) => word.endsWith('.js'));
  const file = command[at]?.split('/').slice(-2).join('/').replace('.js', '');
  return [file ?? command[0], command[at + 1] ?? ''].filter((word) => word !== '' && !word?.startsWith('/')).join(' ');
}
