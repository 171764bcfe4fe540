import { describe, expect, it } from 'vitest';
import { inspect } from './paths.mjs';

const found = (path: string, text: string): number => inspect({ path, text }, ['/srv/checkouts/volfilter/']).length;
const home = (user: string): string => ['', 'home', user, 'x'].join('/');

describe('committed text', () => {
  it.each([
    ['a home folder', 'engine/x.ts', `read('${home('jane')}')`],
    ['a folder of this machine', 'README.md', 'see /srv/checkouts/volfilter/docs'],
    ['another registry in the lock file', 'package-lock.json', '"resolved": "https://mirror.example/a.tgz"'],
    ['a registry in .npmrc', '.npmrc', 'registry=https://mirror.example/'],
    ['a key in .npmrc', '.npmrc', '//mirror.example/:_authToken=abc'],
  ])('may not hold %s', (_, path, text) => {
    expect(found(path, text)).toBe(1);
  });

  it.each([
    ['a relative path', 'engine/x.ts', "read('../shared/data/bars')"],
    ['a folder of every machine', 'engine/x.ts', "open('/dev/shm/volfilter')"],
    ['the public registry', 'package-lock.json', '"resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz"'],
    ['a page called home', 'docs/x.md', 'https://example.com/home/page/x'],
  ])('may hold %s', (_, path, text) => {
    expect(found(path, text)).toBe(0);
  });
});
