/** The statistics under the models: regression, likelihood search, the local level. */

export * from './gaussian-process.js';
export * from './least-squares.js';
export * from './local-level.js';
export * from './minimise.js';
export * from './recursive-least-squares.js';
export * from './sharpe.js';
