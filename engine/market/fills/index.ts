/** Orders of ours against a recorded market: queue positions by published models, and fills. */
export * from './fill-book.js';
export * from './queue-model.js';
