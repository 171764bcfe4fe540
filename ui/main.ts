import { Connection } from './net/connection.js';
import { credentials, signInByAddress } from './net/http.js';
import { Terminal } from './shell/terminal.js';
import { startTheme } from './shell/theme.js';

startTheme();
const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
const connection = new Connection(`${scheme}//${location.host}/api/v1/ws`, credentials);
const terminal = new Terminal(connection);
void start();

async function start(): Promise<void> {
  const trouble = await signInByAddress();
  if (trouble !== '') terminal.say(trouble);
  await connection.connect();
}
