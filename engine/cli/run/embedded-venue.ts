import type { Holding } from '../../../actors/venue-sim/api/server/holdings.js';
import { UserError } from '../user-error.js';
import { newKeys, type VenueKeys } from './venue-keys.js';
import { VenueProcess } from './venue-process.js';

/** A simulated venue that the engine can trade on. */
export interface OpenVenue {
  url: string;
  keys: VenueKeys;
  pin?(cpu: number): void;
  /** Gives the engine's account what it held in the world before. @returns names of what is not listed */
  hold?(holdings: readonly Holding[]): Promise<string[]>;
  close(): Promise<void>;
}

/** The simulated venue shares a core with the engine's sockets, and lets them go first. */
const VENUE_NICE = 5;

/**
 * The simulated venue as a process beside this one. It begins at once, so that it loads its code and makes its world while this process
 * still loads its own.
 */
export class EmbeddedVenue {
  readonly #keys = newKeys();
  readonly #process: VenueProcess;
  readonly #port: Promise<number>;
  #note: (message: string) => void = (message) => process.stderr.write(`${message}\n`);

  constructor({ seed, strikes }: { seed: number; strikes: number }) {
    const keys = Object.values(this.#keys);
    this.#process = new VenueProcess({ port: 0, seed, strikes, keys, nice: VENUE_NICE }, (message) =>
      this.#note(message),
    );
    this.#port = this.#process.start();
    // Whoever opens it hears of what went wrong, and nobody may.
    this.#port.catch(() => {});
  }

  /** Resolves when it listens. @throws UserError where it does not start */
  async open(note: (message: string) => void): Promise<OpenVenue> {
    this.#note = note;
    const port = await this.#port.catch(async (error: Error) => {
      await this.close();
      throw new UserError(`the simulated venue does not start: ${error.message}`);
    });
    return {
      url: `ws://127.0.0.1:${port}/ws/api/v2`,
      keys: this.#keys,
      pin: (cpu) => this.#process.pin(cpu),
      hold: (holdings) => this.#process.hold(this.#keys.execution.account, holdings),
      close: () => this.close(),
    };
  }

  /** Ends it; once is enough. */
  close(): Promise<void> {
    return this.#process.stop();
  }
}
