import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { type CoreDefinition, defineStage, type StreamEdge, stream } from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { SingleThreadCore } from '../../engine/runtime/host/single-thread-core.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { core } from '../core.js';
import { OPTION_TRADING } from '../core-settings.js';
import { log } from '../streams.js';
import { WORLD } from '../venue-sim/world/parameters.js';
import { SteppedCore } from './stepped-core.js';
import { VirtualRun } from './virtual-run.js';

/** So small that it holds the answers to some events of a batch only. */
const small = (name: string) => stream({ name, capacityBytes: 8192, maxBodyBytes: 512 });
const [first, second] = [small('first'), small('second')];
const BODY = 400;

/** Answers each record that it reads by one that holds its number. */
function echo(name: string, reads: StreamEdge, writes: StreamEdge): CoreDefinition {
  return defineStage<null>({
    name,
    reads: [reads],
    writes,
    config: null,
    burst: { records: 1, bodyBytes: BODY },
    stateBytes: 0,
    stateLayout: '',
    create: ({ out, event }) => ({
      onRecord: () => out.buffer.view.setFloat64(out.emit(MessageType.TICKER, BODY), event.seq, true),
    }),
  });
}

const SETTINGS = { instruments: 256, bookDepth: 5, trading: OPTION_TRADING, quoting: {}, hedging: {} };
const SECONDS = 5;

/** Bytes of a record without its stamps. */
function bytesOf(buffer: ViewBuffer, offset: number): Uint8Array {
  const { view } = buffer;
  return new Uint8Array(view.buffer, view.byteOffset + offset, view.getInt32(offset + HeaderOffset.LENGTH, true));
}

/** Everything that is written on each stage's output. */
class Outputs {
  readonly #hashes = core(SETTINGS).map(() => createHash('sha256'));
  records = 0;

  handler(place: number): RecordHandler {
    return (_type, buffer, offset) => {
      this.records++;
      this.#hashes[place]!.update(bytesOf(buffer, offset));
    };
  }

  digests(): string[] {
    return this.#hashes.map((hash) => hash.digest('hex'));
  }
}

/** The log of a run, an event an element. */
function recorded(): Uint8Array[] {
  const world = { ...WORLD, strikes: 4, currencies: [WORLD.currencies[0]!] };
  const run = new VirtualRun({ seed: 1, world, core: SETTINGS });
  const events: Uint8Array[] = [];
  // The first events were written before anybody listened: the core is started again with a listener.
  run.kill();
  run.start();
  run.log.onEvent = (_type, buffer, offset) => events.push(bytesOf(buffer, offset).slice());
  run.advance(SECONDS);
  return events;
}

type Target = { claim(type: number, bodyBytes: number): number; buffer: ViewBuffer };

function put(writer: Target, event: Uint8Array): number {
  const view = new DataView(event.buffer, event.byteOffset, event.length);
  const into = writer.claim(view.getUint16(HeaderOffset.TYPE, true), event.length - HEADER_BYTES);
  const target = writer.buffer.view;
  for (let byte = 8; byte < event.length; byte++) target.setUint8(into + byte, event[byte]!);
  return view.getFloat64(HeaderOffset.SEQ, true);
}

test('a core that takes an event at a time says and remembers the same to the byte as one on rings', () => {
  const events = recorded();
  const stages = core(SETTINGS);
  const ringed = new SingleThreadCore({ stages, log, observed: stages.map(({ writes }) => writes) });
  const ringedOutputs = new Outputs();
  const ringedLog = ringed.writer(log);
  const readers = stages.map(({ writes }) => ringed.reader(writes));
  const stepped = new SteppedCore(core(SETTINGS), log);
  const steppedOutputs = new Outputs();
  for (const place of stages.keys()) stepped.hear(place, steppedOutputs.handler(place));
  for (const [index, event] of events.entries()) {
    const seq = put(ringedLog, event);
    put(stepped.log, event);
    // Now and then, so that several events are finished together.
    if (index % 7 !== 6 && index < events.length - 1) continue;
    ringedLog.publish();
    ringedLog.finish(seq);
    while (ringed.finishedSeq() < seq) {
      ringed.turn();
      for (const [place, reader] of readers.entries())
        reader.poll(ringedOutputs.handler(place), Number.POSITIVE_INFINITY);
    }
    stepped.finish(seq);
  }
  expect(events.length).toBeGreaterThan(1500);
  expect(steppedOutputs.records).toBe(ringedOutputs.records);
  expect(steppedOutputs.digests()).toEqual(ringedOutputs.digests());
  expect(stepped.finishedSeq()).toBe(ringed.finishedSeq());
  const states = ringed.states();
  for (const [name, state] of stepped.states()) expect(Buffer.compare(state, states.get(name)!), name).toBe(0);
});

test('a batch whose answers do not fit into a ring is answered in parts, in order and whole', () => {
  const core = new SteppedCore([echo('early', log, first), echo('late', first, second)], log);
  const heard: [place: number, seq: number][] = [];
  for (const place of [0, 1]) {
    core.hear(place, (_type, { view }, offset) => heard.push([place, view.getFloat64(offset + HEADER_BYTES, true)]));
  }
  const events = 1000;
  for (let seq = 1; seq <= events; seq++) {
    const at = core.log.claim(MessageType.TICKER, 0);
    core.log.buffer.view.setFloat64(at + HeaderOffset.SEQ, seq, true);
  }
  core.finish(events);
  expect(heard).toEqual(Array.from({ length: 2 * events }, (_, index) => [index % 2, 1 + (index >> 1)]));
});
