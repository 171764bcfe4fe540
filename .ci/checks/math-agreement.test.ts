import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AGREED_FUNCTIONS } from './determinism.mjs';

const COUNT = 1_000_000;

/** The same arguments everywhere: both signs, magnitudes from about 1e-9 to 1e9, by exact integer and product steps. */
function argumentsOf(seed: number): Float64Array {
  const values = new Float64Array(COUNT);
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  for (let index = 0; index < COUNT; index++) {
    let scale = 1;
    for (let doublings = Math.floor(next() * 31); doublings > 0; doublings--) scale *= 2;
    const magnitude = next() < 0.5 ? next() * scale : next() / scale;
    values[index] = next() < 0.5 ? magnitude : -magnitude;
  }
  return values;
}

const first = argumentsOf(12_345);
const second = argumentsOf(67_890);

function hashOf(name: (typeof AGREED_FUNCTIONS)[number]): string {
  const call: (x: number, y: number) => number = Math[name];
  const results = new Float64Array(COUNT);
  for (let index = 0; index < COUNT; index++) {
    const result = call(first[index]!, second[index]!);
    // The bits of a NaN are the engine's own affair; the core writes the canonical one.
    results[index] = Number.isNaN(result) ? Number.NaN : result;
  }
  return createHash('sha256').update(results).digest('hex').slice(0, 16);
}

/** Recorded under Node 20.20 on x86-64; a Node that differs fails here before it can differ in a journal. */
const RECORDED: Record<(typeof AGREED_FUNCTIONS)[number], string> = {
  exp: 'ee194d93d73be4ea',
  expm1: '13c8f2c14354f7eb',
  log: '3b0caacb86e78c14',
  log1p: 'b7a494885eedd0c1',
  log2: 'bec51bff6af4d5c2',
  log10: '4d79e22226a6bf10',
  cbrt: '5fabd8d54971ea64',
  hypot: 'a1d3c68e95a91735',
  sin: 'c50d4902c944123b',
  cos: 'e116bc5eabbd415a',
  tan: 'a335111babce6aca',
  asin: '311a3402a9485a31',
  acos: '2efad0be2ac64a24',
  atan: '4606b3dd09f8f4d6',
  atan2: 'e2b23daf8b5ae260',
  sinh: '9cc0ff7808cff60a',
  cosh: '88ecaae29a96e68a',
  tanh: '1d233785cd8be0b9',
  asinh: '3ed879e0d69f2061',
  acosh: '40c011551525af50',
  atanh: '0b0e59801b8834a9',
};

describe('the functions of Math that core code may use', () => {
  it.each(AGREED_FUNCTIONS)('%s gives the recorded bits on a million arguments', (name) => {
    expect(hashOf(name)).toBe(RECORDED[name]);
  });
});
