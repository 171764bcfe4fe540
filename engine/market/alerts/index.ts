/** Alerts: rules over published metrics, and where they stand. */
export * from './alert-engine.js';
export { MetricStore } from './metric-store.js';
export { parseRule, parseRules } from './parse-rule.js';
export * from './rule.js';
export { RuleSyntaxError } from './rule-text.js';
