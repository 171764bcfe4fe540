import { beforeEach, expect, it } from 'vitest';
import { EVERY_INSTRUMENT } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import { PullReason } from '../../../engine/market/orders/codes.js';
import { CommandCode } from '../../../engine/runtime/peers/command-channel.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { OperatorCommand } from '../../../schemas/generated/operator-command.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BookState } from '../../book/book.js';
import { OPTION_TRADING } from '../../core-settings.js';
import { desiredQuotes, orderStates, theos, tops } from '../../streams.js';
import { btcInstrument } from '../../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../../testing/stage/stage-bench.js';
import { quoter } from './fixed-width-quoter.js';

const OURS = 0;
const OTHER = 1;

let bench: StageBench;

beforeEach(() => {
  bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('filter', theos, [MessageType.THEO_RUN]),
      passingStage('orders', orderStates, [MessageType.FILL]),
      quoter({ ...OPTION_TRADING, instruments: 4, stopBeforeExpirySeconds: 1800 }),
    ],
    desiredQuotes,
  );
  const expiry = bench.time + 30 * 86_400e6;
  for (const id of [OURS, OTHER]) {
    const option = btcInstrument({ name: `option ${id}`, right: 'call', strike: 60_000, expiry });
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, option));
  }
});

/** What is wanted, by instrument: bid, and why there is none. */
function wantedIn(written: Written[]): number[][] {
  return written
    .filter(({ type }) => type === MessageType.DESIRED_QUOTE)
    .map(({ body }) => new DesiredQuote().__init(0, new ViewBuffer(body.buffer)))
    .map((quote) => [quote.instrument(), quote.bidAmount() > 0 ? 1 : 0, quote.pullReason()]);
}

function market(id: number, mid: number): number[][] {
  const told = bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
    top.mutate_instrument(id);
    top.mutate_state(BookState.LIVE);
    top.mutate_bidPrice(mid - 0.001);
    top.mutate_askPrice(mid + 0.001);
  });
  return wantedIn(told);
}

function operate(code: CommandCode, instrument: number): number[][] {
  const told = bench.say(MessageType.OPERATOR_COMMAND, OperatorCommand, (command) => {
    command.mutate_command(code);
    command.mutate_instrument(instrument);
  });
  return wantedIn(told);
}

it('a pause of one instrument takes its quotes away and no others, until it is resumed', () => {
  expect([market(OURS, 0.05), market(OTHER, 0.05)]).toEqual([[[OURS, 1, 0]], [[OTHER, 1, 0]]]);
  expect(operate(CommandCode.PAUSE, OURS)).toEqual([[OURS, 0, PullReason.PAUSED]]);
  expect(market(OURS, 0.06)).toEqual([]);
  expect(market(OTHER, 0.06)).toEqual([[OTHER, 1, 0]]);
  expect(operate(CommandCode.RESUME, OURS)).toEqual([[OURS, 1, 0]]);
});

it('who resumes one instrument resumes nothing of what was paused as a whole', () => {
  market(OURS, 0.05);
  operate(CommandCode.PAUSE, EVERY_INSTRUMENT);
  expect(operate(CommandCode.RESUME, OURS)).toEqual([]);
  expect(market(OURS, 0.06)).toEqual([]);
  operate(CommandCode.RESUME, EVERY_INSTRUMENT);
  expect(market(OURS, 0.07)).toEqual([[OURS, 1, 0]]);
});
