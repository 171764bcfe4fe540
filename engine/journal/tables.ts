import { ByteBuffer } from 'flatbuffers';
import { HistorySection } from '../../schemas/generated/history-section.js';
import { InstrumentDefinition } from '../../schemas/generated/instrument-definition.js';
import type { FieldType } from './layouts.js';

export type ColumnType = FieldType | 'text';

/** A type of record whose body is a FlatBuffers table: its columns, and how they are read. Tables may grow, so this is code. */
export interface TableColumns {
  columns: readonly { name: string; type: ColumnType }[];
  read(bytes: Uint8Array): Record<string, number | string | null>;
}

const number = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** By the name of the record's type. */
export const tableColumns: Readonly<Record<string, TableColumns>> = {
  INSTRUMENT_DEFINITION: {
    columns: [
      ...['id', 'kind'].map((name) => ({ name, type: 'uint32' as const })),
      ...[
        ...['name', 'baseCurrency', 'quoteCurrency', 'settlementCurrency', 'counterCurrency', 'priceIndex', 'right'],
        ...['tickSteps', 'legs'],
      ].map((name) => ({ name, type: 'text' as const })),
      ...['state', 'inverse'].map((name) => ({ name, type: 'uint16' as const })),
      ...['strike', 'expiry', 'created', 'contractSize', 'minimumAmount', 'tickSize', 'makerFee', 'takerFee'].map(
        (name) => ({ name, type: 'float64' as const }),
      ),
    ],
    read(bytes) {
      const table = InstrumentDefinition.getRootAsInstrumentDefinition(new ByteBuffer(bytes));
      const steps = Array.from({ length: table.tickStepsLength() }, (_, index) => table.tickSteps(index)!);
      const legs = Array.from({ length: table.legsLength() }, (_, index) => table.legs(index)!);
      const hasRight = !Number.isNaN(table.strike());
      return {
        id: table.id(),
        kind: table.kind(),
        name: table.name(),
        baseCurrency: table.baseCurrency(),
        quoteCurrency: table.quoteCurrency(),
        settlementCurrency: table.settlementCurrency(),
        counterCurrency: table.counterCurrency(),
        priceIndex: table.priceIndex(),
        right: hasRight ? (table.call() ? 'call' : 'put') : '',
        tickSteps: steps.map((step) => `${step.tickSize()} above ${step.abovePrice()}`).join('; '),
        legs: legs.map((leg) => `${leg.ratio()} x ${leg.instrument()}`).join('; '),
        state: table.state(),
        inverse: Number(table.inverse()),
        strike: number(table.strike()),
        expiry: number(table.expiry()),
        created: number(table.created()),
        contractSize: table.contractSize(),
        minimumAmount: table.minimumAmount(),
        tickSize: table.tickSize(),
        makerFee: number(table.makerFee()),
        takerFee: number(table.takerFee()),
      };
    },
  },
  HISTORY_SECTION: {
    columns: [
      ...['source', 'sha256', 'format'].map((name) => ({ name, type: 'text' as const })),
      ...['rows', 'added', 'duplicates', 'conflicts', 'refused', 'firstTime', 'lastTime'].map((name) => ({
        name,
        type: 'float64' as const,
      })),
    ],
    read(bytes) {
      const table = HistorySection.getRootAsHistorySection(new ByteBuffer(bytes));
      return {
        source: table.source(),
        sha256: table.sha256(),
        format: table.format(),
        rows: table.rows(),
        added: table.added(),
        duplicates: table.duplicates(),
        conflicts: table.conflicts(),
        refused: table.refused(),
        firstTime: number(table.firstTime()),
        lastTime: number(table.lastTime()),
      };
    },
  },
};
