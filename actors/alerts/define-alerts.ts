import { defineIo, type IoDefinition, type StreamEdge } from '../../engine/runtime/actor/definition.js';
import { alertChanges, anomalies, exposures, log, theos } from '../streams.js';
import type { AlertsConfig } from './alerts.js';

export function alerts(config: AlertsConfig): IoDefinition {
  const reads: StreamEdge[] = [log, ...(config.readsTheos ? [theos] : []), exposures, anomalies];
  return defineIo<AlertsConfig>({
    name: 'alerts',
    shares: 'housekeeping',
    reads,
    writes: alertChanges,
    config,
    patient: true,
    module: new URL('./alerts.js', import.meta.url).href,
  });
}
