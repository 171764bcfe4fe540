import type { CommandWriter } from '../engine/runtime/peers/command-channel.js';
import type { Board } from '../engine/runtime/supervision/board.js';
import type { GivenAssistant } from './assistant/lazy-assistant.js';
import type { EngineView } from './engine-view.js';
import type { RequestLine } from './http/router.js';
import type { ProfileBox } from './profiles/profile-box.js';
import type { SharedStore } from './shared/shared-store.js';
import type { OwnCounters } from './topics/board-source.js';
import type { TopicSet } from './topics/topic-set.js';

/** What a gateway is made of, and what it is to keep. */
export interface GatewayOptions {
  topics: TopicSet;
  view: EngineView;
  /** What the engine shows of itself, for metrics; absent for none. */
  board?: Board;
  /** Whether metrics tell of this process too. */
  ownProcess?: boolean;
  commands: CommandWriter;
  /** This gateway's number among the engine's peers. */
  peer: number;
  /** The engine's own token for commands, told on its terminal. */
  token: string;
  /** Which life this is: other numbers in it mean other things. */
  epoch: number;
  own: OwnCounters;
  /** Where users and the audit log are kept; absent for nowhere. */
  folder?: string;
  /** Name of the audit log in it, which has one writer: another gateway of the folder has another. */
  auditFile?: string;
  /** Whether this gateway keeps the reports of the days: one of a folder does. */
  keepsReports?: boolean;
  /** Where threads are asked for their profiles; absent: nobody is. */
  profiles?: ProfileBox;
  /** The pages; absent for none. */
  pages?: string;
  /** Whether the transport speaks TLS. */
  secure: boolean;
  version: string;
  /** How the assistant is set up, and its key: without one it says so. */
  assistant?: GivenAssistant;
  log?(line: RequestLine): void;
  /** What it has in common with other gateways; absent where it is alone. */
  shared?: SharedStore;
  /** Requests a second of one client, and at once. */
  limit?: { perSecond: number; burst: number };
}
