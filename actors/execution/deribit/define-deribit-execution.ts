import { defineIo, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { approvedOrders, reports } from '../../streams.js';
import type { DeribitExecutionConfig } from './config.js';

export function deribitExecution(config: DeribitExecutionConfig): IoDefinition {
  return defineIo<DeribitExecutionConfig>({
    name: 'execution',
    reads: [approvedOrders],
    writes: reports,
    config,
    sendsOrders: true,
    module: new URL('./deribit-execution.js', import.meta.url).href,
  });
}
