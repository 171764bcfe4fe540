import type { VenueStopSettings } from '../../../actors/killer/venue-stop.js';
import type { GatewaySettings } from '../../../gateway/gateway-settings.js';
import { createPeerFile } from '../../runtime/arena/mapped-file.js';
import type { EngineRun } from '../../runtime/arena/run-folder.js';
import type { Engine } from '../../runtime/host/engine.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';
import { commandChannelBytes, formatCommandChannel } from '../../runtime/peers/command-channel.js';
import { KillerWatch } from '../../runtime/peers/killer-watch.js';
import { PeerHost } from '../../runtime/peers/peer-host.js';
import type { ShownEdge } from '../../runtime/peers/peer-spec.js';
import type { NoteLevel } from '../../runtime/supervision/notes.js';
import type { FeedSource } from './feed-source.js';

/** A part of the engine that runs beside it. */
interface Peer {
  name: string;
  module: string;
  /** Of a gateway its place among them, from 0: each has a port of its own. */
  gateway?: number;
  /** Its own small file, which it alone writes. */
  commands: SharedHandle;
}

export interface PeerSettings {
  /** Of every gateway; each has a port of its own. */
  gateway: Omit<GatewaySettings, 'port'>;
  ports: readonly number[];
  /** Where the killer stops orders itself; absent where none go to a venue. */
  venue: FeedSource['venue'];
  /** What peers are shown beside what the engine shows. */
  shown: readonly ShownEdge[];
  note: (level: NoteLevel, who: string, message: string) => void;
}

/** What people look at waits for what trades. */
const GATEWAY_NICE = 10;
/** Between two looks whether the killer lives. */
const KILLER_LOOK_MS = 250;

/** The killer and the gateways of a run. */
export class RunPeers {
  /** The peers' own files, with the names of the peers; the order gives their numbers. */
  readonly files: readonly { name: string; memory: SharedHandle }[];
  readonly #peers: readonly Peer[];
  readonly #engineRun: number;
  readonly #gateways: PeerHost[] = [];
  #killer: PeerHost | undefined;
  #killerLooks: NodeJS.Timeout | undefined;

  /** @param run where memory can be mapped: then each peer is a process */
  constructor(run: EngineRun | undefined, engineRun: number, gateways: number) {
    this.#engineRun = engineRun;
    const module = new URL('../../../gateway/main.js', import.meta.url).href;
    const named = [
      { name: 'killer', module: new URL('../../../actors/killer/main.js', import.meta.url).href },
      ...Array.from({ length: gateways }, (_, place) => ({
        name: place === 0 ? 'gateway' : `gateway-${place + 1}`,
        module,
        gateway: place,
      })),
    ];
    this.#peers = named.map((peer) => ({ ...peer, commands: commandFile(run, peer.name, engineRun) }));
    this.files = this.#peers.map(({ name, commands }) => ({ name, memory: commands }));
  }

  /** Starts the gateways: they need the engine's memory, and not that it runs. They tell that it is starting until it does. */
  startGateways(engine: Engine, settings: PeerSettings): void {
    this.#peers.forEach((peer, number) => {
      if (peer.gateway === undefined) return;
      const own = { ...settings.gateway, port: settings.ports[peer.gateway]! };
      const host = this.#host(engine, number, own, settings);
      this.#gateways.push(host);
      host.start();
    });
  }

  /** Starts the killer, which takes an engine without signs of life for dead: the threads run. */
  startKiller(engine: Engine, settings: PeerSettings): void {
    const number = this.#peers.findIndex(({ gateway }) => gateway === undefined);
    const host = this.#host(engine, number, killerSettings(settings.venue), settings);
    const { name, commands } = this.#peers[number]!;
    const watch = new KillerWatch(new Int32Array(openShared(commands, 'read')), engine.board, {
      note: (level, message) => settings.note(level, name, message),
      replace: () => host.replace(),
    });
    this.#killer = host;
    this.#killerLooks = setInterval(() => watch.look(performance.now()), KILLER_LOOK_MS);
    host.start();
  }

  /** They take their places once the engine's threads have taken theirs: until then they load as eagerly as these, on whatever CPU is free. */
  settle(cpu: number | undefined): void {
    const place = cpu === undefined ? {} : { cpu };
    for (const host of this.#gateways) host.settle({ ...place, nice: GATEWAY_NICE });
    this.#killer?.settle(place);
  }

  async stop(): Promise<void> {
    clearInterval(this.#killerLooks);
    await Promise.all(
      [...this.#gateways, ...(this.#killer === undefined ? [] : [this.#killer])].map((host) => host.stop()),
    );
  }

  #host(engine: Engine, number: number, settings: Record<string, unknown>, { shown, note }: PeerSettings): PeerHost {
    const { name, module, commands } = this.#peers[number]!;
    const spec = {
      name,
      peer: number,
      engineRun: this.#engineRun,
      epoch: engine.epoch,
      board: engine.boardHandle,
      boardPlan: engine.boardPlan,
      shown: [...Object.entries(engine.shown).map(([edge, memory]) => ({ name: edge, memory })), ...shown],
      commands,
      start: 0,
      settings,
    };
    return new PeerHost(module, spec, { note: (level, message) => note(level, name, message) });
  }
}

/** The killer's own way to the venue, where orders go to one. */
function killerSettings(venue: FeedSource['venue']): Record<string, unknown> {
  if (venue === undefined) return {};
  const { clientId, clientSecret } = venue.killer;
  const stop: VenueStopSettings = {
    url: venue.url,
    credentials: { grant: 'client_signature', clientId, clientSecret },
  };
  return { venue: stop };
}

/** One peer's own small file. */
function commandFile(run: EngineRun | undefined, peer: string, engineRun: number): SharedHandle {
  const bytes = commandChannelBytes();
  if (run === undefined) {
    const memory = new SharedArrayBuffer(bytes);
    formatCommandChannel(memory, peer, engineRun);
    return { kind: 'threads', memory };
  }
  const { path, memory } = createPeerFile(run, `commands-${peer}`, bytes);
  formatCommandChannel(memory, peer, engineRun);
  return { kind: 'file', path, bytes };
}
