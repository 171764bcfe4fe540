import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallNode, callTree } from './call-tree.js';
import { flameGraph } from './flame-graph.js';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });

/** A .cpuprofile: the root calls `work`, which calls `inner`. */
const cpu = JSON.stringify({
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3] },
    { id: 2, callFrame: frame('work', 'file:///app/volfilter/dist/actors/book/book.js', 9), children: [4] },
    { id: 3, callFrame: frame('(idle)') },
    { id: 4, callFrame: frame('') },
  ],
  samples: [2, 4, 4, 3, 2],
  timeDeltas: [100, 10, 20, 30, 40],
  startTime: 0,
  endTime: 200,
});

function find(node: CallNode, name: string): CallNode | undefined {
  if (node.name === name) return node;
  for (const child of node.children) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('the tree of a profile', () => {
  it('gives each sample the time until the next one, and each caller that of what it called', () => {
    const { root, unit } = callTree(cpu);
    expect(unit).toBe('us');
    expect(root.total).toBe(100);
    expect(find(root, 'work')).toMatchObject({ total: 60, place: 'actors/book/book.js:10' });
    expect(find(root, '(anonymous)')!.total).toBe(50);
    expect(find(root, '(idle)')!.total).toBe(40);
  });

  it('adds up the bytes of a heap profile', () => {
    const leaf = { callFrame: frame('leaf'), selfSize: 30, children: [] };
    const { root, unit } = callTree(
      JSON.stringify({ head: { callFrame: frame('(root)'), selfSize: 5, children: [leaf, leaf] } }),
    );
    expect([root.total, unit]).toEqual([65, 'bytes']);
  });

  it('refuses what is no profile', () => {
    expect(() => callTree('{"rows":[]}')).toThrow('expected a .cpuprofile or a .heapprofile of V8');
    expect(() => callTree('')).toThrow();
  });
});

describe('a flame graph', () => {
  it('shows who called whom, and how much each took', () => {
    const svg = flameGraph(callTree(cpu), 'cpu of core, 1 s');
    expect(svg).toContain('cpu of core, 1 s: 0.1 ms');
    expect(svg).toContain('<title>work actors/book/book.js:10\n0.1 ms, 60.0 %</title>');
    expect(svg).not.toContain('/app/volfilter');
  });

  it('says so where nothing was seen', () => {
    expect(flameGraph({ root: { name: '(root)', place: '', total: 0, children: [] }, unit: 'us' }, 'cpu')).toContain(
      'nothing was seen',
    );
  });

  it('is whole SVG without anything that runs, whatever functions are called, and no box leaves its caller', () => {
    // A list of functions, each with the place of its caller among those before it.
    const node = fc
      .array(fc.record({ name: fc.string(), place: fc.string(), own: fc.nat(1000), caller: fc.nat() }), {
        minLength: 1,
      })
      .map((all) => {
        const nodes = all.map(({ name, place, own }): CallNode => ({ name, place, total: own, children: [] }));
        for (let each = nodes.length - 1; each > 0; each--) {
          const caller = nodes[all[each]!.caller % each]!;
          caller.children.push(nodes[each]!);
          caller.total += nodes[each]!.total;
        }
        return nodes[0]!;
      });
    fc.assert(
      fc.property(node, fc.string(), (root, title) => {
        const svg = flameGraph({ root, unit: 'bytes' }, title);
        const tags = [...svg.matchAll(/<(\/?)(\w+)/g)];
        expect(new Set(tags.map(([, , name]) => name))).toEqual(
          new Set(root.total > 0 ? ['svg', 'rect', 'text', 'g', 'title'] : ['svg', 'rect', 'text']),
        );
        for (const [, x, width] of svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g)) {
          expect(Number(x) + Number(width)).toBeLessThanOrEqual(1192.2);
        }
      }),
      { numRuns: 100 },
    );
  });
});
