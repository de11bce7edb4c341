import type { AccessRights, AccessRole, AttributeMode, MethodMode } from './access.js';
import type { Attribute, CosemClass } from './class.js';

/**
 * What a role may do with an object of a class where its rights are not given: it reads whatever is no secret; what it writes and executes
 * is declared with each member.
 */
export function defaultRights(cosem: CosemClass, role: AccessRole): Required<AccessRights> {
  const attributes: Record<number, AttributeMode> = {};
  for (const attribute of Object.values(cosem.attributes)) {
    attributes[attribute.id] = defaultAttributeMode(attribute, role);
  }
  const methods: Record<number, MethodMode> = {};
  for (const { id, access } of Object.values(cosem.methods)) methods[id] = access?.[role] ?? 'no-access';
  return { attributes, methods };
}

/** The mode of an attribute where its declaration says nothing of a role: everybody reads it, but nobody a secret. */
function defaultAttributeMode(attribute: Pick<Attribute<unknown>, 'secret' | 'access'>, role: AccessRole) {
  return attribute.access?.[role] ?? (attribute.secret === true ? 'no-access' : 'read-only');
}
