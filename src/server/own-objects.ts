/** The objects with which a logical device describes itself, so that any client finds its way: name, SAPs, security, invocation counters. */

import { equalBytes } from '../base/bytes.js';
import { AccessError, StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LogicalName } from '../base/obis.js';
import { textOctets, u32 } from '../codec/make.js';
import type { AssociationDefinition } from '../contracts/association.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys } from '../contracts/protection.js';
import type { RightsByClient } from '../cosem/access.js';
import { SapAssignment } from '../cosem/classes/access.js';
import { SecuritySetupV0, SecuritySetupV1 } from '../cosem/classes/security-setup.js';
import { DataClass } from '../cosem/classes/storage.js';
import { defaultRights } from '../cosem/rights.js';
import { ServerKeys } from '../session/server-keys.js';
import type { AssociationOffer } from './associations.js';
import { type DeviceObject, object } from './object.js';
import { securitySetupObject } from './security-setup.js';
import { securitySetupV1 } from './security-setup-v1.js';

const LONGEST_NAME = 16;
const TITLE_LENGTH = 8;
const FLAG_LENGTH = 3;
const MANAGEMENT = 1;

/** The options that keys need. */
export interface KeyFacts {
  readonly systemTitle: Uint8Array | undefined;
  readonly counters: CounterStore | undefined;
  readonly crypto: CryptoProvider | undefined;
}

/** A logical device as the SAP assignment lists it. */
export interface NamedDevice {
  readonly sap: number;
  readonly name: string | undefined;
}

/** An association that is offered, with what belongs to it. */
export interface OwnAssociation {
  readonly offer: AssociationOffer;
  readonly definition: AssociationDefinition;
  /** Its security setup and the counter that its client begins with. */
  readonly objects: readonly DeviceObject[];
}

/** The name and, in the management device, which devices there are: everybody may read them. */
export function namingObjects(own: NamedDevice, all: () => readonly NamedDevice[]): DeviceObject[] {
  const { name } = own;
  if (name === undefined) return [];
  const objects = [object(DataClass, '0.0.42.0.0.255', { value: textOctets(name) })];
  if (own.sap !== MANAGEMENT) return objects;
  const sapAssignmentList = () => all().map((device) => ({ sap: device.sap, logicalDeviceName: device.name ?? '' }));
  return [...objects, object(SapAssignment, '0.0.41.0.0.255', { sapAssignmentList })];
}

/**
 * The associations with their logical names, keys and objects.
 * @throws StateError for two of one name, for keys without a system title of the device or a store of counters.
 */
export function ownAssociations(offers: readonly AssociationOffer[], facts: KeyFacts): OwnAssociation[] {
  const keys = offers.some((offer) => offer.keys !== undefined) ? serverKeys(facts) : undefined;
  const names = new Set<string>();
  return offers.map((offer, i) => {
    if (names.has(offer.name))
      throw new StateError(`two associations are named '${offer.name}'`, { hint: 'give one of them another name' });
    names.add(offer.name);
    const logicalName = `0.0.40.0.${i + 1}.255`;
    if (keys === undefined || offer.keys === undefined)
      return { offer, definition: { ...offer.definition, logicalName }, objects: [] };
    const security = {
      ...keys.security({ ...offer.keys }),
      ...given({ masterKey: offer.keyTransfer?.masterKey }),
    };
    const securitySetup = `0.0.43.0.${i + 1}.255`;
    const definition: AssociationDefinition = { ...offer.definition, logicalName, security, securitySetup };
    return {
      offer,
      definition,
      objects: [
        setupOf(definition, offer, keys, securitySetup, facts.systemTitle as Uint8Array),
        object(DataClass, `0.0.43.1.${i + 1}.255`, { value: () => u32(security.received.lowest) }),
      ],
    };
  });
}

/** What the client of an association may do with its own object: all of it may be read but the secret. */
export function ownRights({ client }: AssociationDefinition): RightsByClient {
  return { [client]: 'reader' };
}

function setupOf(
  definition: AssociationDefinition,
  { keyTransfer }: AssociationOffer,
  keys: ServerKeys,
  name: LogicalName,
  systemTitle: Uint8Array,
): DeviceObject {
  const facts = {
    systemTitle,
    unwrap: (wrapped: Uint8Array) => keys.unwrap(definition.security?.masterKey as Uint8Array, wrapped),
    guard: (key: Uint8Array) => keys.guard(key),
    onKeys: (changed: GlobalKeys) => keyTransfer?.store({ ...changed }),
  };
  if (definition.suite !== undefined && definition.suite !== 0) {
    const whole = securitySetupV1(definition, {
      ...facts,
      crypto: keys.crypto,
      certificates: keyTransfer?.certificates,
      onPairs: (pairs) => stored(keyTransfer?.storePairs)({ ...pairs }),
      onMasterKey: (key) => stored(keyTransfer?.storeMasterKey)(key.slice()),
    });
    const { securityActivate: _, ...served } = whole;
    const { methods, ...reading } = defaultRights(SecuritySetupV1, 'reader');
    const rights = { ...reading, methods: keyTransfer === undefined ? methods : ALL_BUT_ACTIVATE };
    return object(SecuritySetupV1, name, served, { [definition.client]: rights });
  }
  const setup = securitySetupObject(definition, facts);
  const { globalKeyTransfer, securityActivate: _, ...attributes } = setup;
  const { methods, ...reading } = defaultRights(SecuritySetupV0, 'reader');
  return object(
    SecuritySetupV0,
    name,
    keyTransfer === undefined || globalKeyTransfer === undefined ? attributes : { ...attributes, globalKeyTransfer },
    { [definition.client]: { ...reading, methods: keyTransfer === undefined ? methods : { 2: 'access' } } },
  );
}

/** Key transfer and all that follows in version 1: what a device cannot do, it refuses. */
const ALL_BUT_ACTIVATE = {
  2: 'access',
  3: 'access',
  4: 'access',
  5: 'access',
  6: 'access',
  7: 'access',
  8: 'access',
} as const;

/** @throws AccessError where it cannot be stored: the next start of the program would have the old one. */
function stored<T>(store: ((value: T) => void) | undefined): (value: T) => void {
  if (store !== undefined) return store;
  throw new AccessError('other-reason', '64', 'this device cannot store it');
}

function serverKeys({ systemTitle, counters, crypto }: KeyFacts): ServerKeys {
  if (systemTitle === undefined)
    throw new StateError('a device with keys needs a system title of its own', {
      hint: 'systemTitle: eight octets that no other device has, for they make the nonce together with the counter',
    });
  if (counters === undefined)
    throw new StateError('a device with keys needs a store of counters', {
      hint: "counters: new FileCounterStore('counters') of cosem/node: no invocation counter may come twice, whatever crashes",
    });
  return new ServerKeys({ counters, systemTitle, ...given({ crypto }) });
}

/** @throws StateError when it is no name that a COSEM logical device may have. */
export function checkDeviceName(name: string | undefined): void {
  if (name === undefined || (/^[\x20-\x7e]+$/.test(name) && name.length <= LONGEST_NAME)) return;
  throw new StateError(`a logical device name has 1 to ${LONGEST_NAME} characters of ASCII`, {
    hint: 'three letters of the manufacturer, then what tells the device from others: TMP0000001',
  });
}

/** @throws StateError unless it has eight octets. */
export function checkTitle(title: Uint8Array | undefined): void {
  if (title !== undefined && title.length !== TITLE_LENGTH)
    throw new StateError(`a system title has ${TITLE_LENGTH} octets`, { hint: 'three letters and five octets' });
}

/** A title for a device that has no keys: the manufacturer and the end of its name. */
export function titleOf(name: string | undefined): Uint8Array {
  const text = (name ?? '').padEnd(TITLE_LENGTH, '0');
  const title = text.slice(0, FLAG_LENGTH) + text.slice(FLAG_LENGTH - TITLE_LENGTH);
  return Uint8Array.from(title, (letter) => letter.charCodeAt(0));
}

/** The system title that devices of one server have in common. @throws StateError where they have two. */
export function commonTitle(
  devices: readonly { readonly name: string | undefined; readonly systemTitle: Uint8Array | undefined }[],
): Uint8Array {
  const titles = devices.flatMap(({ systemTitle }) => (systemTitle === undefined ? [] : [systemTitle]));
  const [first] = titles;
  if (first === undefined) return titleOf(devices[0]?.name);
  if (titles.some((title) => !equalBytes(title, first)))
    throw new StateError('logical devices of one server have one system title', {
      hint: 'serve devices of another title on a port of their own',
    });
  return first;
}
