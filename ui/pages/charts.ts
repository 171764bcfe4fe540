// Every page that is a chart, as one file: it is asked for once the first rows are on the screen.
export { open as filt } from './filt.js';
export { open as lat } from './lat.js';
export { open as ovme } from './ovme.js';
export { open as pnl } from './pnl.js';
export { open as scen } from './scen.js';
export { open as smile } from './smile.js';
export { open as surf } from './surf.js';
export { open as term } from './term.js';
