/** What clients may do with the members of an object: access modes of the standard. */

/** Access modes of attributes (class 15, attribute_access_item). The authenticated ones want a request with an authentication tag. */
export type AttributeMode =
  | 'no-access'
  | 'read-only'
  | 'write-only'
  | 'read-and-write'
  | 'authenticated-read-only'
  | 'authenticated-write-only'
  | 'authenticated-read-and-write';

/** Access modes of methods (class 15, method_access_item). */
export type MethodMode = 'no-access' | 'access' | 'authenticated-access';

/**
 * What a client is there for: `public` finds out what a meter is, `reader` reads, `utility` also sets and operates. Which objects one of
 * them sees is said with the object.
 */
export type AccessRole = 'public' | 'reader' | 'utility';

/** Access modes of one member by role. */
export type AccessByRole<M> = Readonly<Partial<Record<AccessRole, M>>>;

/** What one client may do with one object. What is not named is `no-access`; attribute 1 is always readable. */
export interface AccessRights {
  /** Access modes of attributes, by id. */
  readonly attributes?: Readonly<Record<number, AttributeMode>>;
  /** Access modes of methods, by id. */
  readonly methods?: Readonly<Record<number, MethodMode>>;
}

/** Rights by client SAP: those that a role has by default, or others. A client that is not named does not see the object. */
export type RightsByClient = Readonly<Record<number, AccessRights | AccessRole>>;
