import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chaosSettings } from '../chaos/config.js';
import { methods } from './methods/registry.js';

const page = readFileSync(new URL('../../../docs/venue.md', import.meta.url), 'utf8');

describe('the page of the venue', () => {
  test('names every method that there is, and none that there is not', () => {
    const named = [...page.matchAll(/`((?:public|private|sim)\/[a-z_]+)`/g)].map(([, name]) => name!);
    expect([...new Set(named)].sort()).toEqual([...methods.keys()].sort());
  });

  test('names every way to misbehave', () => {
    expect(chaosSettings.filter((setting) => setting !== 'seed' && !page.includes(`\`${setting}\``))).toEqual([]);
  });
});
