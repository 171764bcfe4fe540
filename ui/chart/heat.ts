/** A colour between dark blue and yellow whose brightness rises evenly, also for eyes that do not tell red from green. @param share 0 to 1 */
export function colourOf(share: number): [red: number, green: number, blue: number] {
  const at = Math.min(1, Math.max(0, share));
  return [0.1 + 0.88 * at ** 1.4, 0.12 + 0.72 * at, 0.45 + 0.15 * Math.sin(Math.PI * at) - 0.32 * at];
}
