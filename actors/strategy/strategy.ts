import { type Cells, memoryOf } from '../../engine/market/orders/cells.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
  type StreamEdge,
} from '../../engine/runtime/actor/definition.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { MessageType } from '../../schemas/message-type.js';
import { desiredQuotes } from '../streams.js';

/** A number that a strategy is set by, and between what. */
export interface Parameter {
  least: number;
  most: number;
  usual: number;
  /** What it is, with its unit. */
  meaning: string;
}

/** What a strategy is given beside a stage's context. */
export interface StrategyContext<Name extends string> extends CoreContext<unknown> {
  /** Instruments that there is room for. */
  readonly instruments: number;
  readonly parameters: Readonly<Record<Name, number>>;
  /** Tells what the strategy wants: dispatch brings the orders there, and risk may refuse them. */
  readonly wanted: Wanted;
}

export interface StrategyDeclaration<Name extends string> {
  name: string;
  /** Its number in records: 16 or more, one a strategy. */
  number: number;
  /** The streams that it sees, the log first, in the order of the stages that write them. */
  reads: readonly StreamEdge[];
  parameters: Readonly<Record<Name, Parameter>>;
  /** Most quotes that one event makes it want; left out: one an instrument. */
  quotesAtOnce?: number;
  /** Takes all that it remembers, in one order: the strategy itself calls it with `context.state`. Left out where it remembers nothing. */
  memory?: (cells: Cells, instruments: number) => unknown;
  create: (context: StrategyContext<Name>) => CoreActor;
}

/** The quotes that a strategy wants. Fill in the numbers and the codes, then tell. */
export class Wanted {
  /** [bid, its amount, offer, its amount, theoretical value]: the venue's units; an amount of 0 wants no such side. */
  readonly quote = new Float64Array(5);
  private readonly context: CoreContext<unknown>;
  private readonly strategy: number;
  private readonly desired = new DesiredQuote();

  constructor(context: CoreContext<unknown>, strategy: number) {
    this.context = context;
    this.strategy = strategy;
  }

  /** Replaces what was wanted of an instrument before. @param flags bits of OrderFlag @param group of market maker protection */
  tell(instrument: number, flags: number, group: number): void {
    const { quote, desired } = this;
    const { out } = this.context;
    desired.__init(out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf()), out.buffer);
    desired.mutate_instrument(instrument);
    desired.mutate_strategy(this.strategy);
    desired.mutate_group(group);
    desired.mutate_flags(flags);
    desired.mutate_bidPrice(quote[1]! > 0 ? quote[0]! : Number.NaN);
    desired.mutate_bidAmount(quote[1]!);
    desired.mutate_askPrice(quote[3]! > 0 ? quote[2]! : Number.NaN);
    desired.mutate_askAmount(quote[3]!);
    desired.mutate_theo(quote[4]!);
    desired.mutate_bidEdge(quote[4]! - quote[0]!);
    desired.mutate_askEdge(quote[2]! - quote[4]!);
    desired.mutate_priceValue(1);
    desired.mutate_delta(Number.NaN);
    desired.mutate_volatility(Number.NaN);
  }
}

/**
 * Makes a strategy a stage of the core. Its parameters are checked against their bounds when the stage is made.
 *
 * @throws RangeError that names the parameter, what was expected and what was found
 */
export function defineStrategy<Name extends string>(
  declaration: StrategyDeclaration<Name>,
): (instruments: number, changes?: Partial<Record<Name, number>>) => CoreDefinition {
  const { name, number, reads, memory, create } = declaration;
  if (!(Number.isInteger(number) && number >= 16 && number < 0xffff)) {
    throw new RangeError(`strategy '${name}': expected a number from 16 to 65534, found ${number}`);
  }
  return (instruments, changes = {}) => {
    const parameters = parametersOf(declaration, changes);
    const quotes = declaration.quotesAtOnce ?? instruments;
    return defineStage<unknown>({
      name,
      reads,
      writes: desiredQuotes,
      config: { instruments, parameters },
      burst: { records: quotes, bodyBytes: quotes * DesiredQuote.sizeOf() },
      ...memoryOf((cells) => memory?.(cells, instruments)),
      create: (context) =>
        create(Object.assign(context, { instruments, parameters, wanted: new Wanted(context, number) })),
    });
  };
}

function parametersOf<Name extends string>(
  { name, parameters }: StrategyDeclaration<Name>,
  changes: Partial<Record<Name, number>>,
): Record<Name, number> {
  for (const given of Object.keys(changes)) {
    if (!(given in parameters)) {
      const known = Object.keys(parameters).join(', ');
      throw new RangeError(`strategy '${name}': there is no parameter ${given}; there are ${known}`);
    }
  }
  const names = Object.keys(parameters) as Name[];
  return Object.fromEntries(
    names.map((each) => {
      const { least, most, usual, meaning } = parameters[each];
      const value = changes[each] ?? usual;
      if (!(value >= least && value <= most)) {
        throw new RangeError(
          `strategy '${name}': expected ${each} (${meaning}) from ${least} to ${most}, found ${String(value)}`,
        );
      }
      return [each, value];
    }),
  ) as Record<Name, number>;
}
