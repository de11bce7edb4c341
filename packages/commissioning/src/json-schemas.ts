import { z } from 'zod';
import { answersSchema } from './answers.js';
import { mappingSchema } from './orders/mapping.js';
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

/** The JSON Schema of answers, as docs/commissioning-answers.schema.json has it. */
export function answersJsonSchema(): object {
  return z.toJSONSchema(answersSchema, { io: 'input' });
}

/** The JSON Schema of mappings of a sheet, as docs/order-mapping.schema.json has it. */
export function mappingJsonSchema(): object {
  return z.toJSONSchema(mappingSchema, { io: 'input' });
}
