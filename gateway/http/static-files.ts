import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { type HttpAnswer, type HttpRequest, problemAnswer } from '../transport/transport.js';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
};

/**
 * A page may load and ask nothing but its own gateway, and may not make code or markup out of text. The style and the few lines of code that it holds itself, so
 * that it shows and asks for something at once, are named by their hashes.
 */
export function contentSecurityPolicy(page: string): string {
  const hashes = (tag: 'style' | 'script') =>
    [...page.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))]
      .map(([, held = '']) => ` 'sha256-${createHash('sha256').update(held).digest('base64')}'`)
      .join('');
  return (
    `default-src 'none'; script-src 'self'${hashes('script')}; style-src 'self'${hashes('style')}; connect-src 'self'; img-src 'self' data:; worker-src 'self'; ` +
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
  );
}

interface File {
  etag: string;
  headers: Record<string, string>;
  plain: Uint8Array;
  br?: Uint8Array;
  gzip?: Uint8Array;
}

/**
 * The pages, held in memory as they were at the start: a path is looked up and never opened, so none leads out of the folder.
 * Files below `assets/` have their hash in their name and never change.
 */
export class StaticFiles {
  private readonly files = new Map<string, File>();

  constructor(folder: string) {
    if (!existsSync(folder)) return;
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    for (const entry of entries) {
      const extension = extname(entry.name);
      if (!entry.isFile() || extension === '.br' || extension === '.gz') continue;
      const path = join(entry.parentPath, entry.name);
      const name = relative(folder, path).split(sep).join('/');
      this.files.set(`/${name}`, load(path, name, types[extension] ?? 'application/octet-stream'));
    }
    const index = this.files.get('/index.html');
    if (index !== undefined) this.files.set('/', index);
  }

  get isEmpty(): boolean {
    return this.files.size === 0;
  }

  answer(request: HttpRequest): HttpAnswer | undefined {
    const file = this.files.get(request.path);
    if (file === undefined) return undefined;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return problemAnswer(405, `${request.path} is read with GET`, { allow: 'GET, HEAD' });
    }
    if (request.header('if-none-match') === file.etag) return { status: 304, headers: { etag: file.etag }, body: '' };
    const takes = request.header('accept-encoding');
    if (file.br !== undefined && /\bbr\b/.test(takes)) {
      return { status: 200, headers: { ...file.headers, 'content-encoding': 'br' }, body: file.br };
    }
    if (file.gzip !== undefined && /\bgzip\b/.test(takes)) {
      return { status: 200, headers: { ...file.headers, 'content-encoding': 'gzip' }, body: file.gzip };
    }
    return { status: 200, headers: file.headers, body: file.plain };
  }
}

function load(path: string, name: string, type: string): File {
  const plain = readFileSync(path);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return {
    etag,
    headers: {
      'content-type': type,
      etag,
      vary: 'accept-encoding',
      'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': contentSecurityPolicy(name.endsWith('.html') ? plain.toString() : ''),
      'permissions-policy': 'microphone=(self), xr-spatial-tracking=(self), camera=(), geolocation=()',
      'cross-origin-embedder-policy': 'require-corp',
    },
    plain,
    ...(existsSync(`${path}.br`) ? { br: readFileSync(`${path}.br`) } : {}),
    ...(existsSync(`${path}.gz`) ? { gzip: readFileSync(`${path}.gz`) } : {}),
  };
}
