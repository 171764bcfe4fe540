import type { GivenAssistantSettings } from './assistant/assistant-settings.js';
import type { TransportChoice } from './transport/choose-transport.js';

/** What a gateway is given at its start, as plain data. */
export interface GatewaySettings extends Record<string, unknown> {
  host: string;
  port: number;
  /** Bearer token of the engine itself: whoever reads the terminal may act. */
  token: string;
  /** Where users and the audit log are kept; absent for nowhere. */
  folder?: string;
  /** Where the log of its requests is kept; absent for nowhere. */
  log?: string;
  /** Where the engine is asked for profiles of its threads; absent: there are none. */
  profiles?: string;
  /** Other names under which it is reached, each with its port, as behind a proxy. */
  hosts?: readonly string[];
  /** Files of certificate and key in PEM. */
  tls?: { certificate: string; key: string };
  transport?: TransportChoice;
  /** Limits of risk at the start, by name. */
  limits?: Readonly<Record<string, number>>;
  version?: string;
  /** The assistant; its key stands in the environment, ANTHROPIC_API_KEY. */
  assistant?: GivenAssistantSettings;
}
