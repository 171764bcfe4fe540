import { Connection } from './net/connection.js';
import { socketUrl } from './net/early.js';
import { credentials, signInByAddress } from './net/http.js';
import { Terminal } from './shell/terminal.js';
import { startTheme } from './shell/theme.js';

startTheme();
const connection = new Connection(socketUrl(), credentials);
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
