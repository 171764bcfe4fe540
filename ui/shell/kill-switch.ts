import { h, setText } from '../dom.js';
import { ask } from '../net/http.js';

const KILL_HELD_MS = 600;

/** Stops the engine: by a button, a word or two keys that are held. What is not confirmed says so until it is. */
export class KillSwitch {
  readonly alarm = h('div', 'alarm', [], { role: 'alert' });
  private readonly say: (words: string) => void;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (words: string) => void) {
    this.say = say;
  }

  /** The keys are down: kills when they have been for long enough. */
  hold(): void {
    this.timer ??= setTimeout(() => void this.kill('Shift+Esc'), KILL_HELD_MS);
  }

  release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The safe direction asks nothing. */
  async kill(by: string): Promise<void> {
    const { alarm } = this;
    setText(alarm, `KILL asked for by ${by}: waiting for the answer`);
    const { ok, status, words } = await ask('POST', '/api/v1/kill', {});
    if (ok) setText(alarm, '');
    else
      setText(
        alarm,
        `KILL NOT CONFIRMED: ${words}${status === 401 ? ". Sign in: SET <GO>, or press q in the engine's own window" : ''}`,
      );
    this.say(ok ? 'the engine is killed: nothing but cancels is sent' : '');
  }

  /** Tells what the engine says of its latch. @param why it is set; undefined where it is not */
  tell(why: string | undefined): void {
    const { alarm } = this;
    if (why !== undefined)
      setText(alarm, `KILLED: ${why}. Nothing but cancels is sent; LATCH <GO> tells what lets it quote again.`);
    else if (alarm.textContent?.startsWith('KILLED')) {
      setText(alarm, '');
      this.say('the kill latch is open again');
    }
  }
}
