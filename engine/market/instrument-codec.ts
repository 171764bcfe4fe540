import { Builder, ByteBuffer } from 'flatbuffers';
import { ComboLeg } from '../../schemas/generated/combo-leg.js';
import { InstrumentDefinition } from '../../schemas/generated/instrument-definition.js';
import { TickStep } from '../../schemas/generated/tick-step.js';
import type { Instrument, InstrumentKindCode, LifeCycleState } from './instrument.js';

/** An instrument as the bytes of an InstrumentDefinition table: the same instrument always makes the same bytes. */
export function encodeInstrument(id: number, instrument: Instrument): Uint8Array {
  const builder = new Builder(512);
  const tickSteps = instrument.tickSteps.map(({ abovePrice, tickSize }) => {
    TickStep.startTickStep(builder);
    TickStep.addAbovePrice(builder, abovePrice);
    TickStep.addTickSize(builder, tickSize);
    return TickStep.endTickStep(builder);
  });
  const legs = instrument.legs.map((leg) => {
    const name = builder.createString(leg.instrument);
    ComboLeg.startComboLeg(builder);
    ComboLeg.addInstrument(builder, name);
    ComboLeg.addRatio(builder, leg.ratio);
    return ComboLeg.endComboLeg(builder);
  });
  const tickStepsVector = InstrumentDefinition.createTickStepsVector(builder, tickSteps);
  const legsVector = InstrumentDefinition.createLegsVector(builder, legs);
  const name = builder.createString(instrument.name);
  const base = builder.createString(instrument.baseCurrency);
  const quote = builder.createString(instrument.quoteCurrency);
  const settlement = builder.createString(instrument.settlementCurrency);
  const counter = builder.createString(instrument.counterCurrency);
  const priceIndex = builder.createString(instrument.priceIndex);
  InstrumentDefinition.startInstrumentDefinition(builder);
  InstrumentDefinition.addId(builder, id);
  InstrumentDefinition.addVenue(builder, instrument.venue);
  InstrumentDefinition.addKind(builder, instrument.kind);
  InstrumentDefinition.addName(builder, name);
  InstrumentDefinition.addBaseCurrency(builder, base);
  InstrumentDefinition.addQuoteCurrency(builder, quote);
  InstrumentDefinition.addSettlementCurrency(builder, settlement);
  InstrumentDefinition.addCounterCurrency(builder, counter);
  InstrumentDefinition.addPriceIndex(builder, priceIndex);
  InstrumentDefinition.addInverse(builder, instrument.inverse);
  InstrumentDefinition.addCall(builder, instrument.right === 'call');
  InstrumentDefinition.addState(builder, instrument.state);
  InstrumentDefinition.addStrike(builder, instrument.strike);
  InstrumentDefinition.addExpiry(builder, instrument.expiry);
  InstrumentDefinition.addCreated(builder, instrument.created);
  InstrumentDefinition.addContractSize(builder, instrument.contractSize);
  InstrumentDefinition.addMinimumAmount(builder, instrument.minimumAmount);
  InstrumentDefinition.addTickSize(builder, instrument.tickSize);
  InstrumentDefinition.addTickSteps(builder, tickStepsVector);
  InstrumentDefinition.addMakerFee(builder, instrument.makerFee);
  InstrumentDefinition.addTakerFee(builder, instrument.takerFee);
  InstrumentDefinition.addLegs(builder, legsVector);
  builder.finish(InstrumentDefinition.endInstrumentDefinition(builder));
  return builder.asUint8Array();
}

interface Decoded {
  id: number;
  instrument: Instrument;
}

/** The definition that was decoded last: all stages of a core decode the same one, one after the other. */
let lastBytes = new Uint8Array(0);
let last: Decoded | undefined;

/** The instrument that `encodeInstrument` wrote, and its id. The object is the caller's own; its lists are not. */
export function decodeInstrument(bytes: Uint8Array): Decoded {
  if (last === undefined || Buffer.compare(bytes, lastBytes) !== 0) {
    last = decode(bytes);
    lastBytes = bytes.slice();
  }
  return { id: last.id, instrument: { ...last.instrument } };
}

function decode(bytes: Uint8Array): Decoded {
  const table = InstrumentDefinition.getRootAsInstrumentDefinition(new ByteBuffer(bytes));
  const strike = table.strike();
  const instrument: Instrument = {
    venue: table.venue(),
    kind: table.kind() as InstrumentKindCode,
    name: table.name() ?? '',
    baseCurrency: table.baseCurrency() ?? '',
    quoteCurrency: table.quoteCurrency() ?? '',
    settlementCurrency: table.settlementCurrency() ?? '',
    counterCurrency: table.counterCurrency() ?? '',
    priceIndex: table.priceIndex() ?? '',
    inverse: table.inverse(),
    state: table.state() as LifeCycleState,
    strike,
    expiry: table.expiry(),
    created: table.created(),
    contractSize: table.contractSize(),
    minimumAmount: table.minimumAmount(),
    tickSize: table.tickSize(),
    tickSteps: Array.from({ length: table.tickStepsLength() }, (_, index) => {
      const step = table.tickSteps(index)!;
      return { abovePrice: step.abovePrice(), tickSize: step.tickSize() };
    }),
    makerFee: table.makerFee(),
    takerFee: table.takerFee(),
    legs: Array.from({ length: table.legsLength() }, (_, index) => {
      const leg = table.legs(index)!;
      return { instrument: leg.instrument() ?? '', ratio: leg.ratio() };
    }),
  };
  if (!Number.isNaN(strike)) instrument.right = table.call() ? 'call' : 'put';
  return { id: table.id(), instrument };
}
