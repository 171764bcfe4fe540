import type { NamedFunction } from '../command/complete.js';
import * as home from './home.js';
import type { OpenPage } from './page.js';
import * as quot from './quot.js';

/** A page: what it is called, what it shows, and how it is had. */
export interface PageEntry extends NamedFunction {
  /** What it shows, for HELP. */
  about: string;
  /** How its command may be written. */
  usage: string;
  /** Drawn by code that is large and slow to begin: it comes after the first rows. */
  isChart?: true;
  load(): Promise<{ open: OpenPage }>;
}

/** What the terminal does itself. */
export interface ActionEntry extends NamedFunction {
  about: string;
  usage: string;
}

/** Charts come in one file, so that a dashboard with several of them asks once. */
const chart = (name: keyof typeof import('./charts.js')) => async () => ({ open: (await import('./charts.js'))[name] });

/** The one list of pages: the command line, completion, help, menus and tests are made from it. */
export const pages: readonly PageEntry[] = [
  {
    code: 'HOME',
    title: 'The market and the book at a glance',
    usage: 'HOME',
    about: 'index, volatilities, profit and loss, Greeks, limits, feed and engine state',
    // What the first dashboard begins with is here already.
    load: () => Promise.resolve(home),
  },
  {
    code: 'OMON',
    aliases: ['CHAIN'],
    title: 'Option chain',
    usage: '[UND] [EXPIRY] OMON',
    about: 'calls and puts of an expiry: bid, offer, theo, volatilities, own quotes, positions',
    load: () => import('./omon.js'),
  },
  {
    code: 'QUOT',
    aliases: ['QUOTES'],
    title: 'Own quotes, and why',
    usage: '[UND] [EXPIRY] QUOT',
    about: 'what the quoter wants in each option, and what its width, its skew and its size come from',
    load: () => Promise.resolve(quot),
  },
  {
    code: 'SMILE',
    title: 'Smile of an expiry',
    usage: '[UND] [EXPIRY] SMILE',
    about: "volatility of bids, offers and theo by strike, fit error, nudges, the trader's shifts",
    isChart: true,
    load: chart('smile'),
  },
  {
    code: 'TERM',
    title: 'Term structure',
    usage: '[UND] TERM',
    about: 'volatility at the money, forward volatility, risk reversal and butterfly by expiry',
    isChart: true,
    load: chart('term'),
  },
  {
    code: 'SURF',
    title: 'Volatility surface',
    usage: '[UND] SURF',
    about: 'the fitted surface, theoretical values now, and what lies between; in space, as heat map and as table',
    isChart: true,
    load: chart('surf'),
  },
  {
    code: 'BOOK',
    title: 'Order books',
    usage: '[UND] [EXPIRY] [STRIKE] [C|P] BOOK',
    about: 'best bid and offer, imbalance and state of every book; levels of the selected one, own orders marked',
    load: () => import('./book.js'),
  },
  {
    code: 'ORD',
    aliases: ['ORDERS'],
    title: 'Orders at work',
    usage: '[UND] ORD',
    about: 'every order: state, price, amounts, newest request',
    load: () => import('./ord.js'),
  },
  {
    code: 'FILL',
    aliases: ['FILLS'],
    title: 'Fills',
    usage: '[UND] FILL',
    about: 'own trades as they are counted, with fees and volatility, and their markouts',
    load: () => import('./fill.js'),
  },
  {
    code: 'PORT',
    aliases: ['POS'],
    title: 'Positions',
    usage: '[UND] PORT',
    about: 'size, average, mark, profit and Greeks of every position',
    load: () => import('./port.js'),
  },
  {
    code: 'PNL',
    title: 'Profit and loss',
    usage: 'PNL',
    about: 'profit by underlying and where it comes from, and its course since this page was opened',
    isChart: true,
    load: chart('pnl'),
  },
  {
    code: 'HEDG',
    aliases: ['HEDGES'],
    title: 'Hedges and what they cost',
    usage: '[UND] HEDG',
    about: 'what the hedger wants and why, what it did, and what that cost against the mid',
    load: () => import('./hedg.js'),
  },
  {
    code: 'RISK',
    title: 'Greeks and worst cases',
    usage: 'RISK',
    about: 'exposure to each underlying and expiry, worst cases if all that rests is filled, states of risk',
    load: () => import('./risk.js'),
  },
  {
    code: 'LIM',
    aliases: ['LIMITS'],
    title: 'Limits',
    usage: 'LIM',
    about: 'every limit in force, how much of it is used, and a change in two steps',
    load: () => import('./lim.js'),
  },
  {
    code: 'SCEN',
    title: 'Scenarios',
    usage: '[UND] SCEN',
    about: 'profit of what is held for moves of the index and of volatility, every option revalued',
    isChart: true,
    load: chart('scen'),
  },
  {
    code: 'LAT',
    title: 'Latency',
    usage: 'LAT',
    about: "waiting and service times of each actor, threads, collections, and this browser's own",
    isChart: true,
    load: chart('lat'),
  },
  {
    code: 'FEED',
    title: 'Feeds',
    usage: 'FEED',
    about: 'messages, quality verdicts, outages and clock of each feed',
    load: () => import('./feed.js'),
  },
  {
    code: 'ALRT',
    aliases: ['ALERTS'],
    title: 'Alerts',
    usage: 'ALRT',
    about: 'rules, their states, and anomalies as they come',
    load: () => import('./alrt.js'),
  },
  {
    code: 'FILT',
    title: 'Volatility filter',
    usage: '[UND] FILT',
    about:
      'price and what of it was filtered, forecasts, implied volatility, regime, thresholds, and events with excess, duration and cause',
    isChart: true,
    load: chart('filt'),
  },
  {
    code: 'STAT',
    title: 'Statistics of the market',
    usage: 'STAT',
    about: 'moments, autocorrelation, realised against implied, correlation, spreads, and what was found odd, by kind',
    load: () => import('./stat.js'),
  },
  {
    code: 'LATCH',
    aliases: ['KILLED'],
    title: 'Kill latch',
    usage: 'LATCH',
    about: 'whether the kill latch is set, by whom, when and why; sets it, and opens it again in two steps',
    load: () => import('./latch.js'),
  },
  {
    code: 'MMP',
    title: 'Market maker protection and credits',
    usage: 'MMP',
    about: 'state of trading, protection, and credits of the venue',
    load: () => import('./mmp.js'),
  },
  {
    code: 'OVME',
    title: 'What-if pricer',
    usage: '[UND] [EXPIRY] [STRIKE] [C|P] OVME',
    about: 'price and Greeks of one option for a moved index, volatility and time, with its payoff',
    isChart: true,
    load: chart('ovme'),
  },
  {
    code: 'TAS',
    title: 'Time and sales',
    usage: '[UND] TAS',
    about: 'trades of the market',
    load: () => import('./tas.js'),
  },
  {
    code: 'REPT',
    title: 'Report of the day',
    usage: 'REPT [day]',
    about:
      'profit, fills, limits used, incidents and latency of a trading day, to print or to save; one is kept of each day',
    load: () => import('./rept.js'),
  },
  {
    code: 'LOG',
    title: 'Log of the engine',
    usage: 'LOG',
    about: 'what the engine writes, and what became of commands',
    load: () => import('./log.js'),
  },
  {
    code: 'ASK',
    title: 'Assistant',
    usage: 'ASK',
    about: 'questions about what the engine does and did, answered from its state and its history',
    load: () => import('./ask/ask.js'),
  },
  {
    code: 'SQL',
    title: 'Questions of the store',
    usage: 'SQL',
    about: 'one SELECT over everything that happened; nothing can be changed',
    load: () => import('./sql.js'),
  },
  {
    code: 'SET',
    aliases: ['LOGIN'],
    title: 'Settings',
    usage: 'SET',
    about: 'signing in, theme, layouts',
    load: () => import('./set.js'),
  },
  {
    code: 'HELP',
    title: 'Help',
    usage: '[FUNC] HELP',
    about: 'every function and every key',
    load: () => import('./help.js'),
  },
];

export const actions: readonly ActionEntry[] = [
  {
    code: 'KILL',
    title: 'Stop everything now',
    usage: 'KILL',
    about: 'sets the kill latch: nothing but cancels is sent; also Shift+Esc held',
  },
  { code: 'PAUSE', title: 'Pause quoting', usage: 'PAUSE', about: 'pulls all quotes; hedging goes on' },
  {
    code: 'FLATTEN',
    title: 'Close what is held',
    usage: 'FLATTEN',
    about: 'asks, then pulls all quotes and closes positions: options first, then futures',
  },
  { code: 'RESUME', title: 'Resume quoting', usage: 'RESUME', about: 'asks, then quotes again' },
  {
    code: 'ACTIVE',
    title: 'Take risk again',
    usage: 'ACTIVE',
    about: 'asks, then makes risk active where it was reduced or halted',
  },
  {
    code: 'RIGHT',
    title: 'Split the pane, side by side',
    usage: 'RIGHT [FUNC]',
    about: 'the new pane shows the function, or the same page',
  },
  {
    code: 'DOWN',
    title: 'Split the pane, one above the other',
    usage: 'DOWN [FUNC]',
    about: 'the new pane shows the function, or the same page',
  },
  { code: 'CLOSE', title: 'Close the pane', usage: 'CLOSE', about: 'its room goes to its neighbour' },
  { code: 'ZOOM', title: 'Give the pane all the room, or back', usage: 'ZOOM', about: 'also Alt+z' },
  {
    code: 'SAVE',
    title: 'Save this dashboard',
    usage: 'SAVE name',
    about: 'with the gateway, for every screen of yours',
  },
  {
    code: 'LOAD',
    title: 'Open a saved dashboard',
    usage: 'LOAD name',
    about: 'DESK, QUOTING, RISK and WALL are always there',
  },
  {
    code: 'SHARE',
    title: 'A link to this dashboard',
    usage: 'SHARE',
    about: 'copied; whoever opens it sees these panes',
  },
  { code: 'RESET', title: 'The first dashboard again', usage: 'RESET', about: 'saved ones stay' },
  {
    code: 'THEME',
    title: 'Colours',
    usage: 'THEME AMBER|SAFE|LIGHT',
    about: 'SAFE tells up and down apart without red and green',
  },
  {
    code: 'KIOSK',
    title: 'Turn the pages by themselves',
    usage: 'KIOSK [seconds]',
    about: 'for a display on the wall; any key ends it',
  },
  {
    code: 'PNG',
    title: 'Save the picture of the pane',
    usage: 'PNG',
    about: 'a chart, a surface or a heat map, as an image',
  },
  { code: 'CSV', title: 'Save what the pane shows', usage: 'CSV', about: 'as comma-separated values' },
];

export const functions: readonly NamedFunction[] = [...pages, ...actions];
