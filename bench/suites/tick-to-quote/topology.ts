/**
 *     sender ── TCP ──> feed ──> sequencer ──> the whole core, or stages that pass on ──> execution ── TCP ──> venue
 */
import { sequencer } from '../../../actors/sequencer/define-sequencer.js';
import {
  approvedOrders,
  desiredHedges,
  desiredQuotes,
  exposures,
  intents,
  log,
  marketData,
  orderStates,
  reports,
  theos,
  tops,
} from '../../../actors/streams.js';
import { type EngineSettings, topology as engineTopology } from '../../../actors/topology.js';
import { NO_UNDERLYING, OrderAction, Scope, Side } from '../../../engine/market/orders/codes.js';
import {
  type ActorDefinition,
  type CoreDefinition,
  defineStage,
  type StreamEdge,
} from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { MessageType } from '../../../schemas/message-type.js';

export interface TickToQuoteSettings extends EngineSettings {
  /** Memory of the Tap. */
  tap: SharedArrayBuffer;
  /** Nothing is quoted: each change of a book is passed on through eight stages and answered by one request. */
  isEmpty: boolean;
}

const MODULES: Readonly<Record<string, URL>> = {
  feed: new URL('./tapped-feed.js', import.meta.url),
  execution: new URL('./tapped-execution.js', import.meta.url),
};
/** What the core's stages write, in their order. */
const EDGES = [tops, theos, orderStates, exposures, desiredQuotes, desiredHedges, intents];
/** Of a record on its way through the empty stages: an instrument and room, as much as most records have. */
const PASSED_BYTES = 64;

export function topology(settings: TopologySettings): Topology {
  const given = settings as TickToQuoteSettings;
  const engine = engineTopology(given);
  const actors = engine.actors.map((actor) => tapped(actor, given.tap));
  if (!given.isEmpty) return { ...engine, actors };
  const passing = EDGES.map((writes, place) => passes(`pass-${place}`, EDGES[place - 1], writes));
  return {
    sequencer: sequencer({
      reads: [reports, marketData],
      clock: { kind: 'wall' },
      conflatedTypes: [],
      conflateAfterMs: 1000,
      instruments: given.core.instruments,
      firstSeq: 1,
    }),
    actors: [
      ...actors.filter(({ name }) => name === 'feed'),
      ...passing,
      answers(EDGES.at(-1)!),
      ...actors.filter(({ name }) => name === 'execution'),
    ],
  };
}

/** The actor itself, hosted by the module that notes what passes its socket. */
function tapped(actor: ActorDefinition, tap: SharedArrayBuffer): ActorDefinition {
  const module = MODULES[actor.name];
  if (actor.kind !== 'io' || module === undefined) return actor;
  return { ...actor, module: module.href, config: { ...(actor.config as object), tap } };
}

/** Tells which instrument's book has changed, and decides nothing. */
function passes(name: string, before: StreamEdge | undefined, writes: StreamEdge): CoreDefinition {
  const taken = before === undefined ? MessageType.BOOK_UPDATE : MessageType.BOOK_TOP;
  return defineStage({
    name,
    reads: before === undefined ? [log] : [log, before],
    writes,
    config: {},
    burst: { records: 1, bodyBytes: PASSED_BYTES },
    stateBytes: 8,
    stateLayout: '',
    create: ({ out }) => ({
      onRecord(type, buffer, offset) {
        if (type !== taken) return;
        const instrument = buffer.view.getUint32(offset + HEADER_BYTES, true);
        out.buffer.view.setUint32(out.emit(MessageType.BOOK_TOP, PASSED_BYTES), instrument, true);
      },
    }),
  });
}

/** Takes the quotes of the instrument away, of which there are none. */
function answers(before: StreamEdge): CoreDefinition {
  return defineStage({
    name: 'risk',
    reads: [log, before],
    writes: approvedOrders,
    approvesOrders: true,
    config: {},
    burst: { records: 1, bodyBytes: ApprovedOrder.sizeOf() },
    stateBytes: 8,
    stateLayout: '',
    create: ({ out, event }) => {
      const order = new ApprovedOrder();
      return {
        onRecord(type, buffer, offset) {
          if (type !== MessageType.BOOK_TOP) return;
          order.__init(out.emit(MessageType.APPROVED_ORDER, ApprovedOrder.sizeOf()), out.buffer);
          order.mutate_action(OrderAction.MASS_CANCEL);
          order.mutate_scope(Scope.INSTRUMENT);
          order.mutate_instrument(buffer.view.getUint32(offset + HEADER_BYTES, true));
          order.mutate_underlying(NO_UNDERLYING);
          order.mutate_side(Side.BOTH);
          order.mutate_run(1);
          order.mutate_orderSeq(event.seq);
          order.mutate_price(Number.NaN);
          order.mutate_validUntil(Number.NaN);
          order.mutate_minDelta(Number.NaN);
          order.mutate_maxDelta(Number.NaN);
        },
      };
    },
  });
}
