import { button, h } from '../dom.js';
import { names } from '../layout/dashboards.js';
import { signIn as askToSignIn, setToken, token } from '../net/http.js';
import type { OpenPage } from './page.js';

/** Signing in, colours, dashboards. */
export const open: OpenPage = (host) => {
  const user = h('input', '', [], { type: 'text', name: 'user', autocomplete: 'username' });
  const secret = h('input', '', [], { type: 'password', name: 'password', autocomplete: 'current-password' });
  const bearer = h('input', '', [], { type: 'password', name: 'token', autocomplete: 'off' });
  const withPassword = h('form', 'form', [
    h('label', '', ['user', user]),
    h('label', '', ['password', secret]),
    h('button', '', ['Sign in'], { type: 'submit' }),
  ]);
  const withToken = h('form', 'form', [
    h('label', '', ['or the token that the engine printed at its start', bearer]),
    h('button', '', ['Use it'], { type: 'submit' }),
    h('span', 'dim', [token() === '' ? 'this tab has none' : 'this tab has one']),
  ]);
  withPassword.addEventListener('submit', (event) => {
    event.preventDefault();
    void signIn();
  });
  withToken.addEventListener('submit', (event) => {
    event.preventDefault();
    setToken(bearer.value.trim());
    bearer.value = '';
    host.say('');
    void host.connection.connect();
  });
  host.body.append(
    withPassword,
    withToken,
    h('div', 'form', [
      'colours',
      ...['AMBER', 'SAFE', 'LIGHT'].map((name) => button(name, () => host.run(`THEME ${name}`))),
    ]),
    h('div', 'form', [
      'dashboards',
      ...names().map((name) => button(name, () => host.run(`LOAD ${name}`))),
      button('RESET', () => host.run('RESET')),
    ]),
  );
  return { draw() {} };

  async function signIn(): Promise<void> {
    const { ok, words } = await askToSignIn({ user: user.value, password: secret.value });
    secret.value = '';
    host.say(ok ? '' : `not signed in: ${words}`);
    if (ok) void host.connection.connect();
  }
};
