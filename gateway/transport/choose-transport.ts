import { isMainThread } from 'node:worker_threads';
import { NodeTransport } from './node-transport.js';
import type { Service, Transport, TransportSettings } from './transport.js';
import { loadUws, UwsTransport } from './uws-transport.js';

export type TransportChoice = 'auto' | 'uws' | 'ws';

/** uWebSockets.js where its known binary loads, else `ws`; `told` hears why. Throws where what is asked for cannot be had. */
export function chooseTransport(
  choice: TransportChoice,
  settings: TransportSettings,
  service: Service,
  told: (why: string) => void = () => {},
): Transport {
  if (choice === 'ws') return new NodeTransport(settings, service);
  // As a thread it would take the engine's process down with it: its sockets are still in the loop when a thread ends.
  if (!isMainThread) {
    if (choice === 'uws') throw new Error('uWebSockets.js serves in a process of its own only, not in a thread');
    return new NodeTransport(settings, service);
  }
  const loaded = loadUws();
  if ('uws' in loaded) return new UwsTransport(loaded.uws, settings, service);
  if (choice === 'uws') throw new Error(loaded.why);
  told(`${loaded.why}; ws serves instead`);
  return new NodeTransport(settings, service);
}
