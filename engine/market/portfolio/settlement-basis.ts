/** At which price a delivery was paid: the venue's own, an estimate of it, or what corrects an estimate. As Settlement records tell it. */
export const SettlementBasis = { TOLD: 1, ESTIMATE: 2, CORRECTION: 3 } as const;
