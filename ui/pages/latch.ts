import { button, h, setText } from '../dom.js';
import { Grid } from '../grid/grid.js';
import { ask, command } from '../net/http.js';
import { engine, riskStates as riskTopic, trading } from '../topics/first.js';
import { nameOf, riskStates } from './codes.js';
import { Facts } from './facts.js';
import type { OpenPage } from './page.js';
import { tradingWords } from './trading-words.js';

/** One act, as the audit log of the gateway has it. */
interface Act {
  time: string;
  user: string;
  role: string;
  action: string;
  reason: string;
  outcome: string;
}
interface LatchState {
  killed: string | null;
  since: string | null;
  acts: Act[];
  rearm: { allowed: boolean; why: string };
}

const PATH = '/api/v1/kill';
const LOOK_MS = 2000;
const PHRASE = 'REARM';
const engineStates = ['starting', 'active', 'reducing', 'halted'];

/** The kill latch: whether it is set, by whom, when and why; what sets it, and what opens it again. */
export const open: OpenPage = (host) => {
  const status = host.table(engine);
  const risk = host.table(riskTopic);
  const orders = host.table(trading);
  const facts = new Facts();
  const why = h('input', '', [], { type: 'text', maxlength: '200', size: '28', 'aria-label': 'Reason' });
  const phrase = h('input', '', [], { type: 'text', maxlength: '8', size: '8', 'aria-label': `The word ${PHRASE}` });
  const note = h('p', 'note', [], { role: 'status' });
  const opens = h('p', 'note');
  const kill = button('KILL', () => void setLatch(), 'kill');
  const rearm = button('Open again', () => void openAgain());
  let state: LatchState = { killed: null, since: null, acts: [], rearm: { allowed: false, why: '' } };
  let told = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  let seen = -1;

  const nobody = h('p', 'note', ['Nobody has acted on the latch or on risk yet.']);
  const acts = new Grid(
    {
      rows: () => state.acts.length,
      columns: [
        {
          title: 'time',
          unit: 'UTC',
          width: 20,
          words: true,
          text: (row) => state.acts[row]!.time.slice(0, 19).replace('T', ' '),
        },
        {
          title: 'who',
          width: 12,
          words: true,
          text: (row) => state.acts[row]!.user || 'the engine',
          tone: () => 'mark',
        },
        { title: 'role', width: 8, words: true, text: (row) => state.acts[row]!.role },
        { title: 'what', width: 22, words: true, text: (row) => state.acts[row]!.action },
        { title: 'became', width: 44, words: true, text: (row) => state.acts[row]!.outcome },
        { title: 'why', width: 44, words: true, text: (row) => state.acts[row]!.reason, tone: () => 'dim' },
      ],
    },
    'Acts on the latch and on risk',
  );

  async function look(): Promise<void> {
    const { ok, words, body } = await ask('GET', '/api/v1/latch');
    told = ok ? '' : `who set it is not known now: ${words}`;
    if (ok) state = { ...state, ...(body as LatchState) };
    acts.draw();
  }

  /** The safe direction asks nothing. */
  async function setLatch(): Promise<void> {
    setText(note, 'KILL is on its way');
    const { ok, words } = await ask('POST', PATH, { reason: why.value.trim() });
    setText(note, ok ? 'the latch is set: nothing but cancels is sent' : `KILL NOT CONFIRMED: ${words}`);
    await look();
  }

  async function openAgain(): Promise<void> {
    if (phrase.value.trim().toUpperCase() !== PHRASE) return setText(note, `write ${PHRASE} beside it, and a reason`);
    if (why.value.trim() === '') return setText(note, 'opening the latch needs a reason');
    const body = { phrase: PHRASE, reason: why.value.trim() };
    const { ok, words } = await command('POST', `${PATH}/rearm`, body, host.confirm.bind(host));
    setText(
      note,
      ok
        ? 'asked for: the latch opens within a moment, and nothing is quoted until RESUME <GO>'
        : `NOT OPENED: ${words}`,
    );
    phrase.value = '';
    await look();
  }

  why.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && state.killed === null) void setLatch();
  });
  host.body.append(
    facts.element,
    h('div', 'form', [h('label', '', ['reason', why]), kill, h('label', '', [`write ${PHRASE}`, phrase]), rearm]),
    note,
    opens,
    h('p', 'note', [
      'Set, the latch lets nothing but cancels through, also of what already waits. KILL <GO>, Shift+Esc held, the button above or Enter in the reason set it at once. Opened again, nothing is quoted yet: ACTIVE <GO> has risk taken again where it is halted, then RESUME <GO>.',
    ]),
    nobody,
    acts.element,
  );
  void look();
  return {
    draw(now) {
      const row = status.row(0);
      const code = row?.killed() ?? 0;
      if (code !== seen || now - lookedAt > LOOK_MS) {
        seen = code;
        lookedAt = now;
        void look();
      }
      const isSet = code !== 0;
      facts.set('latch', row === undefined ? 'not known' : isSet ? 'SET' : 'open', isSet ? 'down' : 'up');
      facts.set('because', isSet ? (status.texts[0] ?? '') : '-');
      facts.set('set at, UTC', isSet ? (state.since?.slice(0, 19).replace('T', ' ') ?? 'not seen') : '-');
      const by = isSet ? state.acts.find(({ action }) => action === 'kill') : undefined;
      facts.set('by', isSet ? (by === undefined ? 'the engine' : `${by.user} (${by.role})`) : '-');
      facts.set(
        'engine',
        row === undefined ? '-' : nameOf(engineStates, row.state()),
        row?.state() === 1 ? 'up' : 'down',
      );
      facts.set('risk of everything', everything());
      const traded = orders.row(0);
      facts.set('trading', traded === undefined ? '-' : tradingWords(traded));
      facts.set(
        'orders open',
        traded === undefined ? '-' : String(traded.openOrders()),
        (traded?.openOrders() ?? 0) > 0 && isSet ? 'down' : '',
      );
      kill.disabled = isSet;
      rearm.disabled = !isSet || !state.rearm.allowed;
      setText(
        opens,
        isSet ? `A command ${state.rearm.allowed ? 'may open it' : `does not open it: ${state.rearm.why}`}.` : '',
      );
      if (told !== '') setText(note, told);
      nobody.hidden = state.acts.length > 0;
      acts.draw();
    },
    resized: () => acts.resized(),
    key: (event) => acts.key(event),
    csv: () => acts.csv(),
  };

  function everything(): string {
    for (let slot = 0; slot < risk.count; slot++) {
      const row = risk.at(slot);
      if (row.scope() === 1) return nameOf(riskStates, row.state());
    }
    return '-';
  }
};
