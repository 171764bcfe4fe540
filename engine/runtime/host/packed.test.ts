import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { built } from '../../testing/built.js';

const address = (module: string): string => pathToFileURL(built(module)).href;
const PACKED = 'actors/calibrator/calibrator';
const ALONE = 'engine/runtime/wait/doorbell';

beforeEach(() => vi.stubEnv('NODE_V8_COVERAGE', undefined));
afterEach(() => vi.unstubAllEnvs());

/** The built module itself: the source beside this test has nothing packed. */
const load = (): Promise<typeof import('./packed.js')> => import(address('engine/runtime/host/packed'));

describe('packed modules', () => {
  it('stand where they say, with the same exports', async () => {
    const { packed } = await load();
    const there = packed(address(PACKED));
    expect(there).not.toBe(address(PACKED));
    expect(existsSync(fileURLToPath(there))).toBe(true);
    expect(Object.keys((await import(there)) as object)).toEqual(
      Object.keys((await import(address(PACKED))) as object),
    );
  });

  it('are themselves where they are not packed, or are no modules of ours', async () => {
    const { packed } = await load();
    for (const other of [address(ALONE), 'file:///somewhere/else.js', 'caller:']) expect(packed(other)).toBe(other);
  });

  it('are used by a thread all or not at all, so that it has nothing twice', async () => {
    const { packedTogether } = await load();
    expect(packedTogether([address(PACKED), address(ALONE)])).toEqual([address(PACKED), address(ALONE)]);
    expect(packedTogether([address(PACKED)])).not.toEqual([address(PACKED)]);
  });

  it('are left alone while lines are counted', async () => {
    vi.stubEnv('NODE_V8_COVERAGE', '/anywhere');
    const { packed } = await load();
    expect(packed(address(PACKED))).toBe(address(PACKED));
  });
});
