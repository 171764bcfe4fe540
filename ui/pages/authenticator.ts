import { button, h, setText } from '../dom.js';
import { ask } from '../net/http.js';
import type { PaneHost } from './page.js';

/** Sets up an authenticator for whoever is signed in: its secret, a first code, and the codes for the day that it is lost. */
export class Authenticator {
  readonly element: HTMLElement;
  private readonly host: PaneHost;
  private readonly told = h('p', 'note', [], { role: 'status' });
  private readonly code = h('input', '', [], { type: 'text', name: 'first-code', autocomplete: 'off', size: '20' });

  constructor(host: PaneHost) {
    this.host = host;
    this.element = h('section', '', [
      h('div', 'form', [
        'authenticator',
        button('Set up', () => void this.begin()),
        h('label', '', ['code of it', this.code]),
        button('Confirm', () => void this.confirm()),
        button('Remove', () => void this.remove()),
      ]),
      this.told,
    ]);
  }

  private async begin(): Promise<void> {
    const { ok, words, body } = await ask('POST', '/api/v1/totp', {});
    const { secret, address } = (body ?? {}) as { secret?: string; address?: string };
    setText(
      this.told,
      ok
        ? `Give this secret to the authenticator, then a code of it here: ${secret?.replace(/(.{4})(?=.)/g, '$1 ')} (${address})`
        : `not begun: ${words}`,
    );
    if (ok) this.code.focus();
  }

  private async confirm(): Promise<void> {
    const { ok, words, body } = await ask('POST', '/api/v1/totp/confirm', { code: this.code.value.trim() });
    this.code.value = '';
    const { recovery = [] } = (body ?? {}) as { recovery?: string[] };
    setText(
      this.told,
      ok
        ? `In force. Keep these where the authenticator is not: each signs in once without it. ${recovery.join('  ')}`
        : `not in force: ${words}`,
    );
  }

  private async remove(): Promise<void> {
    if (!(await this.host.confirm('Sign in without an authenticator from now on?'))) return;
    const { ok, words } = await ask('POST', '/api/v1/totp/remove', { code: this.code.value.trim() });
    this.code.value = '';
    setText(this.told, ok ? 'Removed: the password alone signs in.' : `not removed: ${words}`);
  }
}
