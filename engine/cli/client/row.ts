/** A row of a topic as the gateway tells it, by the names of its fields. */
export type Row = Record<string, unknown>;
