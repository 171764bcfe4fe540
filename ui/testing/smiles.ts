// What tests outside of the terminal hold to the engine.
export { smileOf, totalVariance, volAtDelta } from '../pages/smile-fit.js';
