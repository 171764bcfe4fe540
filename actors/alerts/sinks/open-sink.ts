import { EmailSink } from './email-sink.js';
import { LogSink } from './log-sink.js';
import { readSecret } from './secrets.js';
import { GuardedSink, SINK_POLICY, type SinkPolicy } from './sink.js';
import type { SinkConfig } from './sink-config.js';
import { WebhookSink } from './webhook-sink.js';

/** Opens a sink behind its policies; reads its secret now, so that a missing one is known at the start. */
export function openSink(
  config: SinkConfig,
  log: (level: 'info' | 'warn' | 'error', message: string) => void,
): GuardedSink {
  const { perMinute, retries, timeoutMs } = config;
  const policy: SinkPolicy = {
    ...SINK_POLICY,
    ...(perMinute === undefined ? {} : { perMinute }),
    ...(retries === undefined ? {} : { retries }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
  switch (config.kind) {
    case 'log':
      return new GuardedSink(new LogSink(config.name, log), policy);
    case 'webhook': {
      const { name: called, url, secretFrom } = config;
      const key = secretFrom === undefined ? {} : { secret: readSecret(secretFrom) };
      return new GuardedSink(new WebhookSink({ name: called, url, ...key }), policy);
    }
    case 'email': {
      const { kind: _, passwordFrom, user, name: called, host, port, secure, from, to } = config;
      const known = user === undefined ? {} : { user };
      const password = passwordFrom === undefined ? {} : { password: readSecret(passwordFrom) };
      return new GuardedSink(
        new EmailSink({ name: called, host, port, secure, from, to, ...known, ...password }),
        policy,
      );
    }
  }
}
