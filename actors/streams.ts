import { stream } from '../engine/runtime/actor/definition.js';

/**
 * The streams of the engine. The log is sized in seconds: at 100,000 records of 160 bytes a second 2^28 bytes hold more than
 * sixteen.
 */
export const log = stream({ name: 'log', capacityBytes: 2 ** 28, maxBodyBytes: 64 * 1024 });

/** Market data on its way to the sequencer. */
export const marketData = stream({ name: 'market-data', capacityBytes: 2 ** 24, maxBodyBytes: 64 * 1024 });
/** What execution reports: sent, not sent, acknowledged, filled. */
export const reports = stream({ name: 'reports', capacityBytes: 2 ** 22, maxBodyBytes: 4096 });
/** Operators' commands, copied out of their peers' files and validated. */
export const commands = stream({ name: 'commands', capacityBytes: 2 ** 18, maxBodyBytes: 4096 });

export const tops = stream({ name: 'tops', capacityBytes: 2 ** 22, maxBodyBytes: 1024 });
export const orderStates = stream({ name: 'order-states', capacityBytes: 2 ** 20, maxBodyBytes: 1024 });
export const intents = stream({ name: 'intents', capacityBytes: 2 ** 20, maxBodyBytes: 1024 });
export const approvedOrders = stream({ name: 'approved-orders', capacityBytes: 2 ** 20, maxBodyBytes: 1024 });
