import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { listedExpiries } from './calendar.js';
import { FairSurface } from './fair-surface.js';
import { Column, MarketPath } from './market-path.js';
import { WORLD } from './parameters.js';

describe('the path of the market', () => {
  it('is the same for the same seed and another for another', () => {
    const indexAfter = (seed: number): number => {
      const path = new MarketPath(WORLD, seed, 5000, 1000);
      for (let step = 0; step < 1000; step++) path.advance();
      return path.values[path.at(1, 0) + Column.LOG_INDEX]!;
    };
    expect(indexAfter(1)).toBe(indexAfter(1));
    expect(indexAfter(1)).not.toBe(indexAfter(2));
  });

  it('and the surface on it are the same to the byte on every supported version of Node', () => {
    const hash = createHash('sha256');
    const path = new MarketPath(WORLD, 11, 1000, 1000);
    const surfaces = WORLD.currencies.map((currency) => new FairSurface(currency, 24));
    for (let step = 0; step < 2000; step++) {
      path.advance();
      if (step % 10 > 0) continue;
      for (const [currency, surface] of surfaces.entries()) {
        surface.list(listedExpiries(path.time).map(({ time }) => time));
        surface.update(path.values, path.at(currency, 0), path.time);
        for (const column of [surface.theta, surface.rho, surface.psi, surface.forward]) {
          hash.update(new Uint8Array(column.buffer));
        }
      }
    }
    expect(hash.digest('hex').slice(0, 32)).toBe('6a9e89969a5f482c2789ca1563891609');
  });

  it('is drawn ahead: what the informed see is what comes', () => {
    const path = new MarketPath(WORLD, 9, 5000, 2000);
    const seen = path.values[path.at(0, 20) + Column.LOG_INDEX]!;
    expect(path.values[path.at(0, 0) + Column.LOG_INDEX]).not.toBe(seen);
    for (let step = 0; step < 20; step++) path.advance();
    expect(path.values[path.at(0, 0) + Column.LOG_INDEX]).toBe(seen);
    for (let step = 0; step < 8; step++) path.advance();
    expect(path.values[path.at(0, -8) + Column.LOG_INDEX]).toBe(seen);
  });

  it('does not depend on how far ahead it is drawn', () => {
    const near = new MarketPath(WORLD, 4, 1000, 1000);
    const far = new MarketPath(WORLD, 4, 60_000, 1000);
    for (let step = 0; step < 500; step++) {
      near.advance();
      far.advance();
    }
    expect(near.values[near.at(1, 0) + Column.LOG_INDEX]).toBe(far.values[far.at(1, 0) + Column.LOG_INDEX]);
  });
});
