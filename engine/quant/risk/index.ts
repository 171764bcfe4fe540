/** Risk: what a book earned, what it might lose, and whether a model of that is right. */
export { chiSquareSurvival } from './chi-square.js';
export type { OptionBook } from './option-book.js';
export {
  ATTRIBUTION_WORKSPACE,
  attributeOptionPnl,
  attributePnl,
  dollarPnl,
  PNL,
  PNL_COUNT,
} from './pnl-attribution.js';
export { fillScenarioGrid, type ScenarioParameters, scenarioGrid, worstScenario } from './scenario-grid.js';
export {
  type BacktestResult,
  binomialTest,
  christoffersenConditionalCoverage,
  christoffersenIndependence,
  type FailureRecord,
  failureRecord,
  failuresOf,
  kupiecAcceptedFailures,
  kupiecAcceptedFirstFailure,
  kupiecProportionOfFailures,
  kupiecTimeUntilFirstFailure,
  mixedKupiec,
  type TrafficLight,
  timeBetweenFailures,
  trafficLight,
} from './var-backtest.js';
