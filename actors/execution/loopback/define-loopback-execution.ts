import { defineIo, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { approvedOrders, reports } from '../../streams.js';
import type { LoopbackConfig } from './loopback-execution.js';

export function loopbackExecution(config: LoopbackConfig): IoDefinition {
  return defineIo<LoopbackConfig>({
    name: 'execution',
    reads: [approvedOrders],
    writes: reports,
    config,
    sendsOrders: true,
    module: new URL('./loopback-execution.js', import.meta.url).href,
  });
}
