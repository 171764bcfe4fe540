import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

// vitest ends its processes by a signal, which is before V8 would write what it counted.
afterAll(() => takeCoverage());
