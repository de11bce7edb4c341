import { test } from 'vitest';
import { half } from './half.js';

test('mutated inputs, the even blocks', () => half(0), 900_000);
