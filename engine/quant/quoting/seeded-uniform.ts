/** Uniform numbers in [0, 1) that are the same on every machine, for simulations in tests (Steele and Vigna's splitmix idea on 32 bits). */
export function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return () => (word() * 2097152 + (word() >>> 11)) / 9007199254740992;
}
