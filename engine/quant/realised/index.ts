/** Realised variance: what prices did, from bars and from returns, with and without jumps and noise. */
export * from './jump-tests.js';
export * from './noise-robust.js';
export * from './range.js';
export * from './returns.js';
