import { ActorCounter } from '../../engine/runtime/supervision/board.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { ThreadCounter } from '../../engine/runtime/supervision/thread-line.js';
import { EdgeRow } from '../../schemas/generated/edge-row.js';
import { counter, type Family, gauge, type MetricSource, type Put } from './family.js';
import { eachRow } from './topic-rows.js';

const STATES = ['starting', 'active', 'reducing', 'halted'] as const;
const MS = 1e-3;

/** A value of every actor. */
function actors(of: (counters: Float64Array) => number): (source: MetricSource, put: Put) => void {
  return ({ board }, put) => {
    board.plan.actors.forEach((name, actor) => {
      put(of(board.actorCounters(actor)), name);
    });
  };
}

/** A value of every thread. */
function threads(
  of: (line: { alive: boolean; idle: boolean; counters: Float64Array }) => number,
): (source: MetricSource, put: Put) => void {
  return ({ board }, put) => {
    board.plan.threads.forEach((name, thread) => {
      put(of(board.thread(thread)), name);
    });
  };
}

/** A value of every stream: its first reader's row says it. */
function streams(of: (row: EdgeRow) => number): (source: MetricSource, put: Put) => void {
  return ({ topics }, put) => {
    eachRow(topics.merge('edges'), EdgeRow, (row, _key, text) => {
      if (row.reader() === 0) put(of(row), text.split('\t')[0]!);
    });
  };
}

/** A value of every reader of every stream. */
function readers(of: (row: EdgeRow) => number): (source: MetricSource, put: Put) => void {
  return ({ topics }, put) => {
    eachRow(topics.merge('edges'), EdgeRow, (row, _key, text) => {
      const [stream = '', , reader = ''] = text.split('\t');
      put(of(row), stream, reader);
    });
  };
}

/** A value of the recorder, where the engine keeps a journal. */
function recorder(of: (counters: Float64Array) => number): (source: MetricSource, put: Put) => void {
  return ({ board }, put) => {
    const actor = board.plan.actors.indexOf('recorder');
    if (actor >= 0) put(of(board.actorCounters(actor)));
  };
}

export const engineFamilies: readonly Family[] = [
  gauge(
    'volfilter_engine_state',
    '1 for the state that the engine is in, 0 for the others.',
    ['state'],
    ({ board }, put) => {
      STATES.forEach((name, state) => {
        put(board.state === state ? 1 : 0, name);
      });
    },
  ),
  gauge('volfilter_engine_killed', '1 while the kill latch is set.', [], ({ board }, put) => {
    put(board.killed() === KillReason.NONE ? 0 : 1);
  }),
  {
    type: 'histogram',
    name: 'volfilter_actor_waiting_seconds',
    help: "Hop: from a record's publication to its being taken by an actor. The sum is right to 1.6 %.",
    labels: ['actor'],
    read: ({ board }, put) => {
      board.plan.actors.forEach((name, actor) => {
        put(board.waitingHistogram(actor), name);
      });
    },
  },
  {
    type: 'histogram',
    name: 'volfilter_actor_service_seconds',
    help: 'Work of an actor on one event. The sum is right to 1.6 %.',
    labels: ['actor'],
    read: ({ board }, put) => {
      board.plan.actors.forEach((name, actor) => {
        put(board.serviceHistogram(actor), name);
      });
    },
  },
  counter(
    'volfilter_actor_records_total',
    'Records that an actor has taken.',
    ['actor'],
    actors((of) => of[ActorCounter.RECORDS]!),
  ),
  counter(
    'volfilter_actor_events_total',
    'Log events that an actor has worked on.',
    ['actor'],
    actors((of) => of[ActorCounter.EVENTS]!),
  ),
  counter(
    'volfilter_actor_gated_total',
    'Times that an actor waited for room in its output.',
    ['actor'],
    actors((of) => of[ActorCounter.GATED]!),
  ),
  counter(
    'volfilter_actor_conflated_total',
    'Records dropped for newer ones of the same key.',
    ['actor'],
    actors((of) => of[ActorCounter.CONFLATED]!),
  ),
  gauge(
    'volfilter_thread_alive',
    '1 while a thread lives.',
    ['thread'],
    threads((line) => (line.alive ? 1 : 0)),
  ),
  gauge(
    'volfilter_thread_idle',
    '1 while a thread sleeps for want of work.',
    ['thread'],
    threads((line) => (line.idle ? 1 : 0)),
  ),
  counter(
    'volfilter_thread_parked_total',
    'Times that a thread went to sleep.',
    ['thread'],
    threads(({ counters }) => counters[ThreadCounter.PARKED]!),
  ),
  counter(
    'volfilter_thread_woken_total',
    'Sleeps that a doorbell ended.',
    ['thread'],
    threads(({ counters }) => counters[ThreadCounter.WOKEN]!),
  ),
  counter(
    'volfilter_thread_gc_total',
    'Garbage collections; of compute threads told every ten seconds.',
    ['thread'],
    threads(({ counters }) => counters[ThreadCounter.GC_COUNT]!),
  ),
  counter(
    'volfilter_thread_gc_seconds_total',
    'Time in garbage collections.',
    ['thread'],
    threads(({ counters }) => counters[ThreadCounter.GC_MS]! * MS),
  ),
  gauge(
    'volfilter_thread_gc_longest_seconds',
    'The longest garbage collection.',
    ['thread'],
    threads(({ counters }) => counters[ThreadCounter.GC_MAX_MS]! * MS),
  ),
  gauge(
    'volfilter_thread_loop_lag_seconds',
    'Greatest lag of the event loop in the last second; I/O threads.',
    ['thread'],
    threads(({ counters }) => counters[ThreadCounter.LOOP_LAG_MAX_MS]! * MS),
  ),
  gauge(
    'volfilter_stream_capacity_bytes',
    'Room in a stream.',
    ['stream'],
    streams((row) => row.capacityBytes()),
  ),
  gauge(
    'volfilter_stream_high_water_bytes',
    'The most that ever waited for the slowest reader.',
    ['stream'],
    streams((row) => row.highWaterBytes()),
  ),
  counter(
    'volfilter_stream_records_total',
    'Records published in a stream.',
    ['stream'],
    streams((row) => row.records()),
  ),
  counter(
    'volfilter_stream_full_total',
    'Times that the writer found no room.',
    ['stream'],
    streams((row) => row.full()),
  ),
  gauge(
    'volfilter_stream_waiting_bytes',
    'Published and not taken by a reader yet: the depth of its queue.',
    ['stream', 'reader'],
    readers((row) => row.waitingBytes()),
  ),
  counter(
    'volfilter_stream_taken_total',
    'Records that a reader has taken.',
    ['stream', 'reader'],
    readers((row) => row.taken()),
  ),
  gauge(
    'volfilter_journal_committed_position',
    'Position up to which the journal is written.',
    [],
    recorder((of) => of[ActorCounter.COMMITTED]!),
  ),
  gauge(
    'volfilter_journal_synced_position',
    'Position up to which the journal is on the disk.',
    [],
    recorder((of) => of[ActorCounter.SYNCED]!),
  ),
  gauge(
    'volfilter_journal_lag_seconds',
    'Time that records wait until they are on the disk.',
    [],
    recorder((of) => of[ActorCounter.JOURNAL_LAG_MS]! / 1000),
  ),
  gauge(
    'volfilter_store_lag_seconds',
    'Time since the SQL store began to read all that the journal held then.',
    [],
    recorder((of) => of[ActorCounter.STORE_LAG_MS]! / 1000),
  ),
];
