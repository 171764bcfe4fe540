import { z } from 'zod';

/** Where time went, or memory: a function with what it was called for by those below it. */
export interface CallNode {
  name: string;
  /** File and line; empty where there is none. */
  place: string;
  /** Its own share and that of all that it called. */
  total: number;
  children: CallNode[];
}

export interface CallTree {
  root: CallNode;
  unit: 'us' | 'bytes';
}

const frame = z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() });
const cpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: frame,
      hitCount: z.number().optional(),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
  startTime: z.number(),
  endTime: z.number(),
});

interface HeapNode {
  callFrame: z.infer<typeof frame>;
  selfSize: number;
  children: HeapNode[];
}
const heapNode: z.ZodType<HeapNode> = z.lazy(() =>
  z.object({ callFrame: frame, selfSize: z.number(), children: z.array(heapNode) }),
);
const heapProfile = z.object({ head: heapNode });

/** The tree of a `.cpuprofile` or of a `.heapprofile`. @throws Error for what is neither */
export function callTree(text: string): CallTree {
  const data: unknown = JSON.parse(text);
  const cpu = cpuProfile.safeParse(data);
  if (cpu.success) return { root: cpuTree(cpu.data), unit: 'us' };
  const heap = heapProfile.safeParse(data);
  if (heap.success) return { root: heapTree(heap.data.head), unit: 'bytes' };
  throw new Error('expected a .cpuprofile or a .heapprofile of V8, found something else');
}

function cpuTree({ nodes, samples, timeDeltas, startTime, endTime }: z.infer<typeof cpuProfile>): CallNode {
  const self = new Map<number, number>();
  const end = endTime - timeDeltas.reduce((at, delta) => at + delta, startTime);
  samples.forEach((id, place) => {
    // A delta is the time up to its sample: what a sample stands for is what follows it. V8 tells negative ones where its clock was read late.
    self.set(id, (self.get(id) ?? 0) + Math.max(0, timeDeltas[place + 1] ?? end));
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const build = (id: number): CallNode => {
    const node = byId.get(id)!;
    const children = (node.children ?? []).map(build);
    const total = children.reduce((sum, child) => sum + child.total, self.get(id) ?? 0);
    return { ...named(node.callFrame), total, children };
  };
  const [root] = nodes;
  if (root === undefined) return { name: '(root)', place: '', total: 0, children: [] };
  return build(root.id);
}

function heapTree({ callFrame, selfSize, children }: HeapNode): CallNode {
  const below = children.map(heapTree);
  return {
    ...named(callFrame),
    total: below.reduce((sum, child) => sum + child.total, selfSize),
    children: below,
  };
}

function named({ functionName, url, lineNumber }: z.infer<typeof frame>): Pick<CallNode, 'name' | 'place'> {
  // No path of the machine: the part of it that says which source.
  const file = url.replace(/^.*\/(?:dist|node_modules)\//, '');
  return {
    name: functionName === '' ? '(anonymous)' : functionName,
    place: file === '' ? '' : `${file}:${lineNumber + 1}`,
  };
}
