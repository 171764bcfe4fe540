import { argv } from 'node:process';
import { runDay } from './day.js';

/** One day in a process of its own: `one-day.js <seed> <hours> <settings as JSON>` prints it as one line of JSON. */
const [seed, hours, settings] = argv.slice(2);
console.log(JSON.stringify(runDay(Number(seed), Number(hours), JSON.parse(settings ?? '{}'))));
