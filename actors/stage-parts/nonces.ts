/** Most peers that give commands. */
export const PEERS = 16;

/** A new run has begun: its peers are new too, and number their commands from the beginning. */
export function forgetNonces(nonces: Float64Array): void {
  nonces.fill(0);
}

/** Whether a peer's command has been seen before, because its number is not greater than the last one's. Remembers a new number. */
export function isToldBefore(nonces: Float64Array, peer: number, nonce: number): boolean {
  const place = peer & (PEERS - 1);
  if (!(nonce > nonces[place]!)) return true;
  nonces[place] = nonce;
  return false;
}
