import { test } from 'vitest';
import { half } from './half.js';

test('mutated inputs, the odd blocks', () => half(1), 900_000);
