/** Peers that give commands. */
export const PEERS = 16;

/** An engine starts: its peers are new, and count their commands from the beginning. */
export function forgetNonces(nonces: Float64Array): void {
  nonces.fill(0);
}

/** Whether a peer's command was told before: its number does not grow. Remembers it where it does. */
export function isToldBefore(nonces: Float64Array, peer: number, nonce: number): boolean {
  const place = peer & (PEERS - 1);
  if (!(nonce > nonces[place]!)) return true;
  nonces[place] = nonce;
  return false;
}
