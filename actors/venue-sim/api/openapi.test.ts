import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { methods } from './methods/registry.js';
import { CALL, KEYS, PERPETUAL, PUT, TestVenue } from './testing/test-venue.js';

const path = sharedData('deribit/openapi/deribit-openapi.json.gz');

interface Schema {
  $ref?: string;
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
}

interface Document {
  paths: Record<string, { get?: { responses: Record<string, Schema & { content?: unknown }> } }>;
}

/** Required fields that this venue has a reason not to tell. */
const LEFT_OUT = new Set([
  // Empty where nothing was ever traded or settled: null, or absent, as in the venue's recorded answers.
  ...['last', 'high', 'low', 'last_price', 'price_change', 'bid_price', 'ask_price', 'mid_price'],
  // Of an address and a person, of which there are none.
  ...['deposit_address', 'email', 'security_keys_enabled', 'system_name', 'type', 'username', 'id'],
  // The documentation has maps; the recorded portfolio has them only where margins are crossed.
  ...['options_gamma_map', 'options_theta_map', 'options_vega_map'],
  // Named so in the documentation alone.
  ...['estimated_liquidation_price', 'locked'],
]);

describe.skipIf(path === undefined)(
  'answers are of the documented form (skipped where ../shared/data is absent)',
  () => {
    const document =
      path === undefined
        ? ({ paths: {} } as Document)
        : (JSON.parse(gunzipSync(readFileSync(path)).toString()) as Document);

    function resolved(schema: Schema): Schema {
      let found: unknown = schema;
      while ((found as Schema).$ref !== undefined) {
        found = (found as Schema)
          .$ref!.split('/')
          .slice(1)
          .reduce((at, part) => (at as Record<string, unknown>)[part], document as unknown);
      }
      return found as Schema;
    }

    function resultSchema(method: string): Schema | undefined {
      const response = document.paths[`/${method}`]?.get?.responses['200'];
      if (response === undefined) return undefined;
      const { content } = resolved(response) as { content?: Record<string, { schema?: Schema }> };
      const schema = Object.values(content ?? {})[0]?.schema;
      return schema === undefined ? undefined : resolved(schema).properties?.result;
    }

    /** Where a value is not what its schema says. */
    function objections(value: unknown, given: Schema, at: string): string[] {
      const schema = resolved(given);
      if (schema.allOf !== undefined) return schema.allOf.flatMap((part) => objections(value, part, at));
      if (schema.oneOf !== undefined) {
        return schema.oneOf.some((part) => objections(value, part, at).length === 0) ? [] : [`${at}: none of several`];
      }
      if (value === null || value === undefined) return [];
      if (schema.enum !== undefined && schema.type === 'string' && typeof value !== 'string') return [`${at}: no text`];
      switch (schema.type) {
        case 'array':
          if (!Array.isArray(value)) return [`${at}: no list`];
          return schema.items === undefined
            ? []
            : value.slice(0, 3).flatMap((item, index) => objections(item, schema.items!, `${at}[${index}]`));
        case 'number':
          return typeof value === 'number' ? [] : [`${at}: no number`];
        case 'integer':
          return Number.isInteger(value) ? [] : [`${at}: no integer`];
        case 'boolean':
          return typeof value === 'boolean' ? [] : [`${at}: no boolean`];
        case 'string':
          return typeof value === 'string' ? [] : [`${at}: no text`];
      }
      if (schema.properties === undefined) return [];
      const object = value as Record<string, unknown>;
      const missing = (schema.required ?? []).filter((name) => !(name in object) && !LEFT_OUT.has(name));
      return [
        ...missing.map((name) => `${at}.${name}: missing`),
        ...Object.entries(schema.properties).flatMap(([name, part]) =>
          // The documentation calls a list of steps an object, and texts what are numbers.
          ['tick_size_steps', 'underlying_index', 'reduce_only', 'post_only', 'matching_id'].includes(name)
            ? []
            : objections(object[name], part, `${at}.${name}`),
        ),
      ];
    }

    const option = { instrument_name: CALL };
    const spread = [
      { ...option, amount: 1, direction: 'buy' },
      { instrument_name: PUT, amount: 1, direction: 'buy' },
    ];
    const HOUR = 3_600_000;
    const span = { start_timestamp: 0, end_timestamp: 1e14 };
    const asked: Record<string, object> = {
      'public/get_instruments': { currency: 'BTC' },
      'public/get_instrument': option,
      'public/get_order_book': option,
      'public/ticker': { instrument_name: PERPETUAL },
      'public/get_book_summary_by_currency': { currency: 'BTC' },
      'public/get_index_price': { index_name: 'btc_usd' },
      'public/get_last_trades_by_instrument': { instrument_name: PERPETUAL },
      'public/get_last_trades_by_currency': { currency: 'BTC' },
      'public/get_tradingview_chart_data': { instrument_name: PERPETUAL, resolution: '1', ...span },
      'public/get_delivery_prices': { index_name: 'btc_usd' },
      'public/get_currencies': {},
      'private/buy': { instrument_name: PERPETUAL, amount: 100, price: 90_000 },
      'private/get_open_orders': {},
      'private/get_order_history_by_currency': { currency: 'BTC' },
      'private/get_user_trades_by_currency': { currency: 'BTC' },
      'private/get_positions': {},
      'private/get_account_summary': { currency: 'BTC', extended: true },
      'private/get_settlement_history_by_currency': { currency: 'BTC' },
      'private/get_trigger_order_history': { currency: 'BTC' },
      'private/get_transaction_log': { currency: 'BTC', ...span },
      'private/get_margins': { ...option, amount: 1, price: 0.05 },
      'private/get_order_margin_by_ids': { ids: [] },
      'private/get_user_locks': {},
      'public/get_funding_rate_value': { instrument_name: PERPETUAL, ...span },
      'public/get_funding_rate_history': { instrument_name: PERPETUAL, ...span },
      'public/get_funding_chart_data': { instrument_name: PERPETUAL, length: '8h' },
      // Of get_historical_volatility the documentation has objects; the venue answers with pairs, as its clients know.
      'public/get_index_chart_data': { index_name: 'btc_usd', range: '1h' },
      'public/get_mark_price_history': { ...option, ...span },
      'public/get_trade_volumes': { extended: true },
      'private/simulate_portfolio': { currency: 'BTC', simulated_positions: { [PERPETUAL]: 1000, [CALL]: -2 } },
      'private/get_deposits': { currency: 'BTC' },
      'private/get_transfers': { currency: 'BTC' },
      'private/get_withdrawals': { currency: 'BTC' },
      'private/get_mmp_config': { index_name: 'btc_usd' },
      'private/cancel_all': {},
      'private/create_combo': { trades: spread },
      'private/get_leg_prices': { legs: spread, price: 0.02 },
      'public/get_combos': { currency: 'BTC' },
      'public/get_combo_ids': { currency: 'BTC' },
    };

    test.each(Object.entries(asked))('%s', (method, params) => {
      const venue = new TestVenue();
      venue.crowdOrder(PERPETUAL, 'sell', 89_900, 60);
      const client = venue.client().signOn();
      client.call('private/buy', { instrument_name: PERPETUAL, amount: 30, type: 'market' });
      client.call('private/buy', { instrument_name: PERPETUAL, amount: 10, price: 89_000 });
      client.call('private/create_combo', { trades: spread });
      const stop = { instrument_name: PERPETUAL, amount: 10, type: 'stop_limit', trigger: 'mark_price', price: 95_000 };
      const { order } = client.call<{ order: { order_id: string } }>('private/buy', { ...stop, trigger_price: 95_000 });
      client.call('private/cancel', order);
      venue.pass(HOUR, HOUR);
      const schema = resultSchema(method);
      expect(schema).toBeDefined();
      // An hour without a request ends a session.
      const key = methods.get(method)!.scope === 'wallet:read' ? KEYS[4] : KEYS[0];
      expect(objections(venue.client().signOn(key).call(method, params), schema!, 'result')).toEqual([]);
    });

    test('every method is one of the venue’s, or a control', () => {
      const unknown = [...methods.keys()].filter(
        (name) => document.paths[`/${name}`] === undefined && !name.startsWith('sim/'),
      );
      expect(unknown).toEqual([]);
    });
  },
);
