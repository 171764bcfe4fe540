import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { uniform } from '../../testing/random.js';
import { erfc, erfcx, inverseNormalCdf, normalCdf, normalPdf } from '../normal/index.js';
import { pow } from './index.js';

const INPUTS = 1_000_000;

/** First half of the SHA-256 of a function's results over the inputs: the same bits or another hash. */
function bitsOf(from: number, to: number, f: (x: number, y: number) => number): string {
  const next = uniform(20);
  const results = new Float64Array(INPUTS);
  let previous = next();
  for (let index = 0; index < INPUTS; index++) {
    const current = next();
    results[index] = f(from + (to - from) * current, previous);
    previous = current;
  }
  return createHash('sha256').update(new Uint8Array(results.buffer)).digest('hex').slice(0, 32);
}

// The results of deterministic parts of the engine are made of these. A changed hash on a new Node version means that
// recordings from older ones would no longer replay to the same bytes: the function must then be replaced like pow was.
describe('the same bits over a million inputs on every Node version', () => {
  const functions: [string, number, number, (x: number, y: number) => number, string][] = [
    ['exp', -745, 709, Math.exp, 'e6875b5063038ef372ce669b8a13c194'],
    ['exp near 0', -1, 1, Math.exp, '5f825d4243a83fa1e9d970ca39281e2d'],
    ['expm1', -40, 40, Math.expm1, '9ad2e043bf5cb29d0b8acf51ab50d67e'],
    ['log', 0, 1e6, Math.log, 'f7e0af8fcc34892f55ff7a5f874e6103'],
    ['log near 1', 0.5, 2, Math.log, '020f449ea7e5d4964abc943cb844acf3'],
    ['log1p', -0.9999, 10, Math.log1p, '38ee825e975b6813306070b94c49ab77'],
    ['sin', -100, 100, Math.sin, 'd437d0cac975abc79d4195f597d7739e'],
    ['cos', -100, 100, Math.cos, '30b1885cc38ec0524065619df4ee407b'],
    ['tan', -1.5, 1.5, Math.tan, '8c4fe27987c17b81f5fd975f7598aec9'],
    ['tanh', -20, 20, Math.tanh, 'f056b8507f7c5ea8e2e95a7558745df5'],
    ['cbrt', -1e6, 1e6, Math.cbrt, '485b5b6707e31240670b27085933b5f8'],
    ['hypot', -1e3, 1e3, Math.hypot, '880120e489f24860f11a60436a469572'],
    ['sqrt', 0, 1e6, Math.sqrt, 'e99a3891583dd70b2ba13c09491ab5a9'],
    ['pow', 0, 1e6, (x, y) => pow(x, 40 * y - 20), 'e547c09b09cdf6072ecb0c1aa9aa8ef9'],
    ['normalCdf', -38, 9, normalCdf, 'a1a9530673e14cad86a2c75ce69638d1'],
    ['normalPdf', -38, 38, normalPdf, '572f00aa471fae64c03cbe170859d822'],
    ['erfc', -6, 27, erfc, '2fd18733c011cde013e51f93db079e91'],
    ['erfcx', -6, 40, erfcx, 'd955c975dff0aaeae33110b50ba0edeb'],
    ['inverseNormalCdf', 0, 1, inverseNormalCdf, '0ef0ae1c8b612c9dfb411497ac3df40f'],
  ];
  for (const [name, from, to, f, hash] of functions) {
    test(name, () => {
      expect(bitsOf(from, to, f)).toBe(hash);
    });
  }
});
