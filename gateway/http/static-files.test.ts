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

  it('names the code that the page holds by its hash, and allows no other: neither what an element does nor what a file of others holds', () => {
    const code = 'fetch("/api/v1/session")';
    const hash = createHash('sha256').update(code).digest('base64');
    expect(contentSecurityPolicy(`<script>${code}</script><script src="/x.js"></script><b onclick="x()">`)).toContain(
      `script-src 'self' 'sha256-${hash}';`,
    );
    expect(contentSecurityPolicy('<html></html>')).toContain("script-src 'self';");
  });
});
