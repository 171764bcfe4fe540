import { defineIo, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import { snapshotReports } from '../streams.js';
import type { SnapshotsConfig } from './snapshots.js';

export function snapshots(config: SnapshotsConfig): IoDefinition {
  return defineIo<SnapshotsConfig>({
    name: 'snapshots',
    shares: 'housekeeping',
    reads: [],
    writes: snapshotReports,
    config,
    module: new URL('./snapshots.js', import.meta.url).href,
  });
}
