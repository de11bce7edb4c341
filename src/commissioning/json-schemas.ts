import { z } from 'zod';
import { policySchema } from './policy.js';
import { workOrderSchema } from './work-order.js';

/** The JSON Schema (draft 2020-12) of work orders, as docs/work-order.schema.json has it. */
export function workOrderJsonSchema(): object {
  return z.toJSONSchema(workOrderSchema, { io: 'input' });
}

/** The JSON Schema of policies, as docs/commissioning-policy.schema.json has it. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(policySchema, { io: 'input' });
}
