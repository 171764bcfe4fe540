/** Elementary functions that give the same bits on every supported Node version, where the platform's do not. */
export { pow } from './pow.js';
