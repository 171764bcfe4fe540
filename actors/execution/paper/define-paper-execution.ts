import { defineIo, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { approvedOrders, log, reports } from '../../streams.js';
import type { PaperConfig } from './paper-execution.js';

export function paperExecution(config: PaperConfig): IoDefinition {
  return defineIo<PaperConfig>({
    name: 'execution',
    reads: [approvedOrders, log],
    writes: reports,
    config,
    sendsOrders: true,
    module: new URL('./paper-execution.js', import.meta.url).href,
  });
}
