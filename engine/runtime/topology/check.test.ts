import { describe, expect, it } from 'vitest';
import { type ActorDefinition, defineIo, defineStage, latest, type StreamEdge, stream } from '../actor/definition.js';
import { checkTopology } from './check.js';
import { autoPlacement, checkPlacement, inRealTime, type Placement } from './placement.js';
import { stageRanks, type Topology, wires } from './topology.js';

const edge = (name: string, capacityBytes = 2 ** 16): StreamEdge => stream({ name, capacityBytes, maxBodyBytes: 256 });
const log = edge('log');
const input = edge('input');
const intents = edge('intents');
const approved = edge('approved');
const reports = edge('reports');

function stage(name: string, reads: readonly StreamEdge[], writes: StreamEdge, more: object = {}): ActorDefinition {
  return defineStage({
    name,
    reads,
    writes,
    config: {},
    burst: { records: 1, bodyBytes: 64 },
    stateBytes: 8,
    stateLayout: '',
    create: () => ({ onRecord: () => {} }),
    ...more,
  });
}

const feed = defineIo({ name: 'feed', reads: [], writes: input, config: {}, module: '' });
const quoter = stage('quoter', [log], intents);
const risk = stage('risk', [log, intents], approved, { approvesOrders: true });
const execution = defineIo({
  name: 'execution',
  reads: [approved],
  writes: reports,
  config: {},
  sendsOrders: true,
  module: '',
});

function engine(actors: readonly ActorDefinition[]): Topology {
  return {
    sequencer: {
      kind: 'sequencer',
      name: 'sequencer',
      reads: [input],
      writes: log,
      lockStep: false,
      create: () => {
        throw new Error('not built in these tests');
      },
    },
    actors,
  };
}

describe('the topology check', () => {
  it('accepts a feed, two stages in order and execution behind risk', () => {
    expect(() => checkTopology(engine([feed, quoter, risk, execution]))).not.toThrow();
  });

  it.each<[string, readonly ActorDefinition[], RegExp]>([
    ['two actors of one name', [feed, quoter, stage('quoter', [log], approved)], /two actors are called 'quoter'/],
    [
      'two writers on one stream',
      [feed, quoter, stage('other', [log], intents)],
      /'intents' has two writers, 'quoter' and 'other'/,
    ],
    [
      'a stream that nobody writes',
      [feed, stage('lost', [log, intents], approved)],
      /'lost' reads stream 'intents', which nobody writes/,
    ],
    ['a stage that reads itself', [feed, stage('loop', [log, intents], intents)], /'loop' reads 'intents'.*cycle/],
    [
      'two stages that read each other',
      [feed, stage('first', [log, approved], intents), stage('second', [intents], approved)],
      /'first' reads 'approved'.*cycle/,
    ],
    [
      'a core input that bypasses the log',
      [feed, stage('direct', [input], intents)],
      /'direct' reads 'input' of an I\/O actor/,
    ],
    [
      'inputs out of their order of rank',
      [feed, quoter, stage('late', [intents, log], approved)],
      /'late' must list its inputs in the order/,
    ],
    [
      'timers without the log',
      [feed, quoter, stage('timed', [intents], approved, { timers: 1 })],
      /'timed' has timers and must read the log/,
    ],
    [
      'a ring smaller than a declared burst',
      [feed, stage('bursty', [log], intents, { burst: { records: 1000, bodyBytes: 64_000 } })],
      /'intents' holds 65536 bytes; one event can make 'bursty' write/,
    ],
    [
      'execution that reads what risk did not write',
      [
        feed,
        quoter,
        risk,
        defineIo({
          name: 'execution',
          reads: [intents],
          writes: reports,
          config: {},
          sendsOrders: true,
          module: '',
        }),
      ],
      /'execution' sends orders and reads 'intents', which 'quoter' writes: only risk may/,
    ],
  ])('refuses %s', (_what, actors, message) => {
    expect(() => checkTopology(engine(actors))).toThrow(message);
  });

  it('refuses an edge that conflates as an input of the core, and names its kind', () => {
    const shown = latest({ name: 'shown', keys: 4, maxBodyBytes: 64 });
    const lossy = defineStage({
      name: 'lossy',
      reads: [log, shown],
      writes: intents,
      config: {},
      burst: { records: 1, bodyBytes: 64 },
      stateBytes: 8,
      stateLayout: '',
      create: () => ({ onRecord: () => {} }),
    });
    expect(() => checkTopology(engine([feed, lossy]))).toThrow(
      /'lossy' reads 'shown', a latest edge, which drops records/,
    );
  });

  it('refuses a ring that is no power of two', () => {
    expect(() => checkTopology(engine([feed, stage('odd', [log], edge('odd-out', 3000))]))).toThrow(/'odd-out'/);
  });

  it('ranks stages by their place and gives every reader a number of its own', () => {
    const topology = engine([feed, quoter, risk, execution]);
    expect([...stageRanks(topology)]).toEqual([
      ['quoter', 1],
      ['risk', 2],
    ]);
    expect(wires(topology).get('log')?.readers).toEqual(['quoter', 'risk']);
    expect(wires(topology).get('approved')?.readers).toEqual(['execution']);
  });
});

describe('the placement', () => {
  const topology = engine([feed, quoter, risk, execution]);

  it('gives every stage a CPU of its own where there are enough, and spins there', () => {
    const { threads, housekeepingCpu } = autoPlacement(topology, [0, 1, 2, 3, 4, 5]);
    expect(threads.map(({ actors, cpu }) => [actors.join(), cpu])).toEqual([
      ['sequencer', 3],
      ['quoter', 4],
      ['risk', 5],
      ['feed', 1],
      ['execution', 2],
    ]);
    expect(housekeepingCpu).toBe(0);
  });

  it('puts the whole core alone on the second of two CPUs, and everything that sleeps on the first', () => {
    const { threads } = autoPlacement(topology, [0, 1]);
    expect(threads.map(({ actors, cpu }) => [actors.join(), cpu])).toEqual([
      ['sequencer,quoter,risk', 1],
      ['feed', 0],
      ['execution', 0],
    ]);
  });

  it.each([[[0]], [[0, 1]], [[0, 1, 2]], [[0, 1, 2, 3, 4, 5, 6, 7]]])(
    'is one that the check accepts on CPUs %j',
    (cpus) => {
      expect(() => checkPlacement(topology, autoPlacement(topology, cpus), cpus)).not.toThrow();
    },
  );

  it('runs its core in real time when asked to, where a CPU is left for those who watch it', () => {
    const placed = (cpus: number[]): Placement => inRealTime(autoPlacement(topology, cpus));
    expect(() => checkPlacement(topology, placed([0, 1]), [0, 1])).not.toThrow();
    expect(placed([0, 1]).threads.map(({ realtime }) => realtime)).toEqual([true, undefined, undefined]);
    expect(() => checkPlacement(topology, placed([0]), [0])).toThrow(/real time \('core'\) must be pinned and leave/);
    const crowded = placed([0, 1]).threads.map((thread) => ({ ...thread, cpu: 1 }));
    expect(() => checkPlacement(topology, { threads: crowded, housekeepingCpu: 0 }, [0, 1])).toThrow(
      /'feed' would hardly run on CPU 1/,
    );
  });

  const io: Placement['threads'] = [
    { name: 'feed', kind: 'io', actors: ['feed'] },
    { name: 'execution', kind: 'io', actors: ['execution'] },
  ];
  const core = { name: 'core', kind: 'compute' as const, actors: ['sequencer', 'quoter', 'risk'] };

  it.each<[string, Placement['threads'], RegExp]>([
    ['a CPU that is not there', [{ ...core, cpu: 7 }, ...io], /'core' is pinned to CPU 7; there are CPUs 0, 1/],
    ['an actor that does not exist', [{ ...core, actors: ['sequencer', 'ghost'] }, ...io], /'core' runs 'ghost'/],
    ['an actor without a thread', [{ ...core, actors: ['sequencer', 'quoter'] }, ...io], /'risk' has no thread/],
    [
      'an actor placed twice',
      [core, { name: 'more', kind: 'compute', actors: ['risk'] }, ...io],
      /'risk' is placed twice/,
    ],
    ['a stage on an I/O thread', [{ ...core, kind: 'io' }, ...io], /'sequencer' belongs on a thread of kind compute/],
    [
      'stages against their order',
      [{ ...core, actors: ['sequencer', 'risk', 'quoter'] }, ...io],
      /behind a stage that reads it/,
    ],
  ])('is refused when it names %s', (_what, threads, message) => {
    expect(() => checkPlacement(topology, { threads }, [0, 1])).toThrow(message);
  });

  it('is refused when more threads spin than there are CPUs', () => {
    const wait = { spins: Number.POSITIVE_INFINITY, yields: 0, parkMs: 0 };
    const threads: Placement['threads'] = ['sequencer', 'quoter', 'risk'].map((name) => ({
      name,
      kind: 'compute',
      wait,
      actors: [name],
    }));
    expect(() => checkPlacement(topology, { threads: [...threads, ...io] }, [0, 1])).toThrow(
      /3 threads spin on 2 CPUs/,
    );
  });
});
