import { describe, expect, it } from 'vitest';
import { isForeign } from './prune-natives.mjs';

const machine = { platform: 'linux', arch: 'x64', abi: '137' };

describe('a native binary', () => {
  it.each([
    'lmdb-linux-x64/node.napi.glibc.node',
    'koffi-linux-x64/linux_x64/koffi.node',
    'uws/uws_linux_x64_137.node',
    'duckdb/duckdb.node',
    'lmdb-linux-x64/node.abi137.glibc.node',
  ])('%s belongs to Node 24 on Linux x64', (path) => {
    expect(isForeign(path, machine)).toBe(false);
  });

  it.each([
    'koffi-linux-x64/musl_x64/koffi.node',
    'bufferutil/prebuilds/win32-x64/bufferutil.node',
    'uws/uws_linux_arm64_137.node',
    'lmdb-linux-x64/node.abi115.glibc.node',
    'bufferutil/prebuilds/darwin-arm64/bufferutil.node',
  ])('%s does not', (path) => {
    expect(isForeign(path, machine)).toBe(true);
  });
});
