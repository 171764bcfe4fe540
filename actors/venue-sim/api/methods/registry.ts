import { accountMethods } from './account.js';
import { cancelMethods } from './cancels.js';
import { comboMethods } from './combos.js';
import { controlMethods } from './controls.js';
import { fundingMethods } from './funding.js';
import { historyMethods } from './histories.js';
import { ledgerMethods } from './ledger.js';
import { marginMethods } from './margins.js';
import { marketDataMethods } from './market-data.js';
import type { Method } from './method.js';
import { orderMethods } from './orders.js';
import { protectionMethods } from './protection.js';
import { quoteMethods } from './quotes.js';
import { sessionMethods } from './session.js';
import { settlementMethods } from './settlements.js';
import { simulationMethods } from './simulation.js';
import { subscriptionMethods } from './subscriptions.js';
import { walletMethods } from './wallet.js';

/** Every method of the venue. */
export const methods: ReadonlyMap<string, Method> = new Map(
  [
    ...sessionMethods,
    ...subscriptionMethods,
    ...marketDataMethods,
    ...orderMethods,
    ...cancelMethods,
    ...comboMethods,
    ...quoteMethods,
    ...protectionMethods,
    ...accountMethods,
    ...marginMethods,
    ...simulationMethods,
    ...ledgerMethods,
    ...walletMethods,
    ...settlementMethods,
    ...fundingMethods,
    ...historyMethods,
    ...controlMethods,
  ].map((method) => [method.name, method]),
);
