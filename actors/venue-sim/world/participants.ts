import { MarginModel, SelfMatch } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';
import { LadderMaker } from './ladder-maker.js';
import type { Market } from './market.js';
import { OptionFlow } from './option-flow.js';
import { OptionMaker } from './option-maker.js';
import type { WorldParameters } from './parameters.js';
import { PerpetualFlow } from './perpetual-flow.js';
import { RandomStream } from './random.js';

/** Who trades in one currency's market. */
export interface Participants {
  market: Market;
  ladder: LadderMaker;
  /** By expiry; undefined where there is no future. */
  futures: (LadderMaker | undefined)[];
  perpetualFlow: PerpetualFlow;
  optionFlow: OptionFlow;
  makers: OptionMaker[];
  random: RandomStream;
  /** Future, and expiry, that is looked at next. */
  nextFuture: number;
  nextForward: number;
}

/** Accounts of the world's participants on the exchange: the same in all currencies. */
export interface WorldAccounts {
  makers: number[];
  taker: number;
  informed: number;
  passive: number;
  futuresMaker: number;
}

/** Opens the accounts of all who trade. */
export function openWorldAccounts(exchange: Exchange, { makers }: WorldParameters): WorldAccounts {
  const open = (name: string): number =>
    exchange.openAccount({ name, margin: MarginModel.NONE, selfMatch: SelfMatch.CANCEL_MAKER });
  return {
    makers: makers.map(({ name }) => open(name)),
    taker: open('takers'),
    informed: open('informed'),
    passive: open('resting'),
    futuresMaker: open('futures-maker'),
  };
}

/** Those of one market, each with random numbers of his own. */
export function participantsOf(
  market: Market,
  { futures, optionTakers, makers, startTime }: WorldParameters,
  accounts: WorldAccounts,
  seed: number,
): Participants {
  const { exchange, chain } = market;
  const { name } = market.parameters;
  const random = (part: string): RandomStream => new RandomStream(seed, `${name} ${part}`);
  const amounts = futures.ladder.map((_, level) => {
    let usd = futures.firstLevel;
    for (let step = 0; step < level; step++) usd *= futures.levelGrowth;
    return usd;
  });
  const { futuresMaker } = accounts;
  return {
    market,
    ladder: new LadderMaker(exchange, futuresMaker, chain.perpetual, futures.ladder, amounts, random('ladder')),
    futures: [],
    perpetualFlow: new PerpetualFlow(market, futures, accounts, random('perpetual flow'), startTime),
    optionFlow: new OptionFlow(market, optionTakers, accounts, random('option flow'), startTime),
    makers: makers.map((maker, index) => new OptionMaker(market, maker, accounts.makers[index]!, random(maker.name))),
    random: random('futures'),
    nextFuture: 0,
    nextForward: 0,
  };
}
