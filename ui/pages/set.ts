import { button, h, setText } from '../dom.js';
import { names } from '../layout/dashboards.js';
import { signIn as askToSignIn, linkThatNeedsCode, setToken, token } from '../net/http.js';
import { Authenticator } from './authenticator.js';
import type { OpenPage } from './page.js';

/** Signing in, colours, dashboards. */
export const open: OpenPage = (host) => {
  const user = h('input', '', [], { type: 'text', name: 'user', autocomplete: 'username' });
  const secret = h('input', '', [], { type: 'password', name: 'password', autocomplete: 'current-password' });
  const code = h('input', '', [], { type: 'text', name: 'code', autocomplete: 'one-time-code', size: '10' });
  const bearer = h('input', '', [], { type: 'password', name: 'token', autocomplete: 'off' });
  const withPassword = h('form', 'form', [
    h('label', '', ['user', user]),
    h('label', '', ['password', secret]),
    h('label', '', ['code, if an authenticator is set up', code]),
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
  const authenticator = new Authenticator(host);
  const who = h('p', 'note');
  host.body.append(
    who,
    withPassword,
    withToken,
    authenticator.element,
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
  return {
    draw() {
      const { user: name, role } = host.connection;
      setText(who, name === '' ? 'Nobody is signed in.' : `Signed in as ${name}, ${role}.`);
    },
  };

  async function signIn(): Promise<void> {
    const given = code.value.trim() === '' ? {} : { code: code.value.trim() };
    // Who came by a link has no password to give.
    const by =
      linkThatNeedsCode !== undefined && secret.value === ''
        ? { link: linkThatNeedsCode }
        : { user: user.value, password: secret.value };
    const { ok, words } = await askToSignIn({ ...by, ...given });
    if (ok) secret.value = '';
    code.value = '';
    host.say(ok ? '' : `not signed in: ${words}`);
    if (ok) void host.connection.connect();
  }
};
