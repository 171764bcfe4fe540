import { Connection } from './net/connection.js';
import { credentials, signInByAddress } from './net/http.js';
import { Terminal } from './shell/terminal.js';
import { startTheme } from './shell/theme.js';

startTheme();
const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
const connection = new Connection(`${scheme}//${location.host}/api/v1/ws`, credentials);
// The socket is on its way before anything is built.
const connected = start();
const terminal = new Terminal(connection);
void connected.then((trouble) => {
  if (trouble !== '') terminal.say(trouble);
});

/** @returns what went wrong, in words; empty where nothing did */
async function start(): Promise<string> {
  const trouble = await signInByAddress();
  await connection.connect();
  return trouble;
}
