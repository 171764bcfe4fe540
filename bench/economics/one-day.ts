import { argv } from 'node:process';
import { runDay } from './day.js';

/** One day in a process of its own: `one-day.js <seed> <hours> <quoting as JSON> <hedging as JSON>` prints it as one line of JSON. */
const [seed, hours, quoting = '{}', hedging = '{}'] = argv.slice(2);
console.log(JSON.stringify(runDay(Number(seed), Number(hours), JSON.parse(quoting), JSON.parse(hedging))));
