import type { Data } from '../codec/data.js';
import type { AttributeDescriptor, MethodDescriptor } from './services.js';

/** A method of a meter with short names. */
export interface NamedMethod {
  /** Its short name. */
  readonly name: number;
  /** Whether it returns something: then it is called by Read with parameterized access, else by Write. */
  readonly returns: boolean;
}

/** The short names of one meter, by what logical names call the same. */
export interface ShortNames {
  /** Short name of an attribute; undefined where the meter does not list its object. */
  attribute(attribute: AttributeDescriptor): number | undefined;
  /** A method; undefined where the meter does not list its object, or its class is not known. */
  method(method: MethodDescriptor): NamedMethod | undefined;
  /**
   * The object list as a meter with logical names tells it (Association LN, attribute 2).
   * @param rights access_rights_list of Association SN, where the meter gives it.
   */
  objectList(rights: Data | undefined): Data;
}

/** Makes the names of a meter from its object list (Association SN, attribute 2). @throws DecodeError where it is no list. */
export type ReadShortNames = (list: Data) => ShortNames;
