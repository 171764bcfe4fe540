import { Session } from 'node:inspector';

/** What can be measured: where time goes; what is held that was allocated meanwhile; all that was allocated, also what is gone again. */
export const PROFILE_KINDS = ['cpu', 'heap', 'allocation'] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

/** What a thread is asked by its port. */
export type ProfileRequest =
  | { kind: 'profile'; id: number; act: 'begin'; what: ProfileKind }
  | { kind: 'profile'; id: number; act: 'end' };

/** What it answers to the end of a profile: its text, a `.cpuprofile` or a `.heapprofile`. */
export interface ProfileAnswer {
  kind: 'profile';
  id: number;
  profile?: string;
  failure?: string;
}

/** Microseconds between two samples of the stack: a thousand a second are enough for a picture, and cost a per cent or two. */
const SAMPLE_MICROS = 1000;
/** Bytes allocated between two samples, on average. */
const SAMPLE_BYTES = 16_384;

export function isProfileRequest(message: unknown): message is ProfileRequest {
  return typeof message === 'object' && message !== null && (message as { kind?: unknown }).kind === 'profile';
}

/**
 * Profiles the thread that it is called on by V8's own inspector, in this process and without a port. Beginning and ending are done at once and stop the thread for some
 * milliseconds; between them it is slowed a little.
 */
export class ThreadProfiler {
  private readonly elsewhere: (act: () => void) => void;
  private session: Session | undefined;
  private what: ProfileKind = 'cpu';

  /** @param elsewhere does something while this thread may run anywhere: the thread that takes samples is made then, and must not share a CPU that is this one's alone */
  constructor(elsewhere: (act: () => void) => void = (act) => act()) {
    this.elsewhere = elsewhere;
  }

  begin(what: ProfileKind): void {
    this.close();
    const session = new Session();
    session.connect();
    this.session = session;
    this.what = what;
    try {
      if (what === 'cpu') {
        run(session, 'Profiler.enable');
        run(session, 'Profiler.setSamplingInterval', { interval: SAMPLE_MICROS });
        this.elsewhere(() => run(session, 'Profiler.start'));
        return;
      }
      run(session, 'HeapProfiler.startSampling', {
        samplingInterval: SAMPLE_BYTES,
        includeObjectsCollectedByMajorGC: what === 'allocation',
        includeObjectsCollectedByMinorGC: what === 'allocation',
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The profile since the beginning, as text. */
  end(): string {
    const { session, what } = this;
    if (session === undefined) throw new Error('no profile was begun on this thread');
    try {
      const { profile } = run(session, what === 'cpu' ? 'Profiler.stop' : 'HeapProfiler.stopSampling') as {
        profile: unknown;
      };
      return JSON.stringify(profile);
    } finally {
      this.close();
    }
  }

  /** Does what was asked; the answer, where there is one. */
  answer(request: ProfileRequest): ProfileAnswer | undefined {
    const { id } = request;
    try {
      if (request.act === 'end') return { kind: 'profile', id, profile: this.end() };
      this.begin(request.what);
      return undefined;
    } catch (error) {
      return { kind: 'profile', id, failure: (error as Error).message };
    }
  }

  private close(): void {
    this.session?.disconnect();
    this.session = undefined;
  }
}

/** One command of the inspector. On the session's own thread its answer is there before `post` returns. */
function run(session: Session, method: string, params: object = {}): unknown {
  let failure: Error | null = new Error(`${method}: the inspector has not answered`);
  let result: unknown;
  session.post(method, params, (error, answer) => {
    failure = error;
    result = answer;
  });
  if (failure !== null) throw failure;
  return result;
}
