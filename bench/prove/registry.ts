import type { Proof } from './proof.js';

/** Every long proof, in the order in which they run; loaded only then. */
const proofs: Record<string, () => Promise<{ proof: Proof }>> = {
  anomalies: () => import('./proofs/anomalies.js'),
  'chain-replay': () => import('./proofs/chain-replay.js'),
  chaos: () => import('./proofs/chaos.js'),
  'core-placement': () => import('./proofs/core-placement.js'),
  journal: () => import('./proofs/journal.js'),
  kills: () => import('./proofs/kills.js'),
  'looped-book': () => import('./proofs/looped-book.js'),
  mutation: () => import('./proofs/mutation.js'),
  'mutated-books': () => import('./proofs/mutated-books.js'),
  parity: () => import('./proofs/parity.js'),
  placement: () => import('./proofs/placement.js'),
  'ring-fuzz': () => import('./proofs/ring-fuzz.js'),
  'second-start': () => import('./proofs/second-start.js'),
  'simulated-days': () => import('./proofs/simulated-days.js'),
  soak: () => import('./proofs/soak.js'),
  'socket-chaos': () => import('./proofs/socket-chaos.js'),
  'steady-state': () => import('./proofs/steady-state.js'),
  tampering: () => import('./proofs/tampering.js'),
  'terminal-memory': () => import('./proofs/terminal-memory.js'),
  'venue-conservation': () => import('./proofs/venue-conservation.js'),
};

export function proofNames(): string[] {
  return Object.keys(proofs);
}

export async function loadProof(name: string): Promise<Proof> {
  const load = proofs[name];
  if (load === undefined) throw new Error(`no proof is called '${name}'`);
  return (await load()).proof;
}
