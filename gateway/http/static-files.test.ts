import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from './static-files.js';

describe('the policy of a page', () => {
  it('names the style that the page holds by its hash, and allows no other', () => {
    const style = 'body{margin:0}';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(contentSecurityPolicy(`<html><style>${style}</style></html>`)).toContain(
      `style-src 'self' 'sha256-${hash}';`,
    );
    expect(contentSecurityPolicy('<html></html>')).toContain("style-src 'self';");
  });
});
