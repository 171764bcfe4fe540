/** Small solvers for the matrices that inventory problems lead to. */
export { tridiagonalExponentialOfOnes } from './tridiagonal-exponential.js';
export { tridiagonalGroundState } from './tridiagonal-ground-state.js';
