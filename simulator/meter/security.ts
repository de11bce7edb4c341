/** Associations, keys and security setups of the meter. */

import { equalBytes } from '../../src/base/bytes.js';
import { StateError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import { PROTECTIONS } from '../../src/base/protections.js';
import { FIRMWARE, PUBLIC, associations as specified, UTILITY } from '../../src/companion/is15959/associations.js';
import type { AssociationDefinition, ServerSecurity } from '../../src/contracts/association.js';
import type { SecuritySetupV0 } from '../../src/cosem/classes/security-setup.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import { contextsOf } from '../../src/server/associations.js';
import { FailureLock, type LockOptions, type LockState } from '../../src/server/authentication-lock.js';
import { securitySetupObject } from '../../src/server/security-setup.js';
import { RECEIVED } from '../state/keeping.js';
import type { Core } from './core.js';
import { type KeySets, keySets, keysOfClient, shareReceived } from './key-sets.js';
import type { MeterModel } from './model.js';
import { type Identity, type MeterOptions, type MeterSecrets, secretsOf, UTILITY_MECHANISMS } from './options.js';
import type { Platform } from './platform.js';
import { MINUTE } from './time.js';

/** Beside those of the specification. */
const BROADCAST_ASSOCIATION = '0.0.40.0.7.255';
/** general-protection, set, action. */
const SET_AND_ACTION = 0x400009;
const MAX_RECEIVE = 832;
const MAX_SEND = 768;
/** Conformance bit multiple-references, and the clients that may have it where it is asked for. */
const LISTS = 0x000200;
const LISTED: readonly number[] = [UTILITY, FIRMWARE];
/** Conformance bit access, for the same clients. */
const ACCESS = 0x000040;
const SECRET_CHANGED: Readonly<Record<number, number>> = { 32: 161, 48: 162, 80: 163 };
const KEY_CHANGED = 164;
/** Requests about several attributes or methods. */
const isList = (service: string) => service.includes('-with-list');
/** After this many failed authentications in a row an association is locked for this time. */
const LOCK: LockOptions = { attempts: 5, duration: 5 * MINUTE };

/** Keys and associations of one meter. */
export interface Access {
  readonly secrets: MeterSecrets;
  readonly sets: KeySets;
  /** By client SAP, in order. */
  readonly associations: readonly AssociationDefinition[];
}

/** The lowest counters that are accepted under a set of keys. */
interface Lowest {
  readonly unicast: number;
  readonly broadcast?: number | undefined;
}

/** What is kept of received messages. */
interface Received {
  /** The lowest accepted counters, by key. */
  readonly unicast: number;
  readonly broadcast?: number | undefined;
  readonly display?: number;
  readonly reader?: Lowest;
  readonly firmware?: Lowest;
  /** The system title of the client that opened each association last. */
  readonly titles?: readonly (Uint8Array | undefined)[];
}

export function accessOf(options: MeterOptions, model: MeterModel, platform: Platform, core: Core): Access {
  const secrets = secretsOf(options.secrets);
  const sets = keySets(platform, secrets, platform.counters());
  keepKeys(core, 'keys', sets.utility, (keys) => {
    // Earlier versions had one set of keys for these clients. State that was kept by them has no separate parts for reader and firmware.
    for (const set of [sets.reader, sets.firmware]) set.keys = keys;
    shareReceived(sets);
  });
  keepKeys(core, 'reader keys', sets.reader, () => separateReceived(sets.reader, sets.utility, platform));
  keepKeys(core, 'firmware keys', sets.firmware, () => separateReceived(sets.firmware, sets.utility, platform));
  keepKeys(core, 'display keys', sets.display);
  const secretsByClient: Readonly<Record<number, Uint8Array>> = {
    32: secrets.lls,
    48: secrets.hls,
    80: secrets.firmwareHls,
    96: secrets.displayLls,
  };
  const wanted = UTILITY_MECHANISMS[options.mechanism ?? 'hls2'];
  const associations = specified.map((spec): AssociationDefinition => {
    const mechanism = spec.mechanism === UTILITY_MECHANISMS.hls2 ? wanted : spec.mechanism;
    const secret = secretsByClient[spec.clientSap];
    const ciphered = spec.clientSap !== PUBLIC;
    return lasting(core, {
      client: spec.clientSap,
      name: spec.title,
      logicalName: spec.logicalName,
      ...contextsOf(options.naming, ciphered),
      mechanism,
      conformance:
        spec.conformance | (listed(model, options, spec.clientSap) ? LISTS : 0) | accessed(options, spec.clientSap),
      maxReceivePduSize: options.maxPduSize ?? MAX_RECEIVE,
      maxSendPduSize: options.maxPduSize ?? MAX_SEND,
      ...given({ secret }),
      ...(ciphered ? { security: keysOfClient(sets, spec.clientSap), policy: PROTECTIONS[spec.policy] } : {}),
      ...given({ securitySetup: spec.securitySetup }),
      // Head ends release without protection, and refusing this gains nothing: the end of the link ends the association too.
      bareRelease: true,
      ...(model.quirks.has('no-lists') ? { ignores: isList } : {}),
      ...(model.quirks.has('get-blocks') ? { longAnswers: 'service-blocks' as const } : {}),
      ...(secret === undefined ? {} : { lock: lockOf(options, core, spec.clientSap) }),
      ...(spec.preEstablished === true ? { preEstablished: true } : {}),
    });
  });
  const { broadcastClient } = options;
  if (broadcastClient !== undefined) associations.push(broadcastAssociation(core, broadcastClient, sets));
  core.parts.add<Received>(RECEIVED, {
    save: () => ({
      unicast: sets.utility.received.lowest,
      broadcast: sets.utility.broadcastReceived?.lowest,
      reader: lowestOf(sets.reader),
      firmware: lowestOf(sets.firmware),
      display: sets.display.received.lowest,
      titles: associations.map(({ lastClientTitle }) => lastClientTitle),
    }),
    load: ({ unicast, broadcast, reader, firmware, display = 0, titles = [] }) => {
      titles.forEach((title, i) => {
        const association = associations[i];
        if (association !== undefined && title !== undefined) association.lastClientTitle = title;
      });
      goOn(sets.utility, { unicast, broadcast });
      goOn(sets.reader, reader);
      goOn(sets.firmware, firmware);
      goOn(sets.display, { unicast: display });
    },
  });
  return { secrets, sets, associations };
}

/** The association of a client whose requests go to many meters. */
function broadcastAssociation(core: Core, client: number, sets: KeySets): AssociationDefinition {
  if (
    !Number.isInteger(client) ||
    client < 1 ||
    client > 0x7d ||
    specified.some(({ clientSap }) => clientSap === client)
  ) {
    throw new StateError(`broadcastClient ${client}`, { hint: 'it is a SAP from 1 to 125 that no other client has' });
  }
  return lasting(core, {
    client,
    name: 'Broadcast',
    logicalName: BROADCAST_ASSOCIATION,
    context: 'ln-ciphered',
    mechanism: 0,
    conformance: SET_AND_ACTION,
    maxReceivePduSize: MAX_RECEIVE,
    maxSendPduSize: MAX_SEND,
    security: keysOfClient(sets, UTILITY),
    policy: 'authenticated-encryption',
    preEstablished: true,
  });
}

function lowestOf({ received, broadcastReceived }: ServerSecurity): Lowest {
  return { unicast: received.lowest, broadcast: broadcastReceived?.lowest };
}

function goOn(
  { received, broadcastReceived }: ServerSecurity,
  { unicast, broadcast = 0 }: Lowest = { unicast: 0 },
): void {
  if (unicast > 0) received.accept(unicast - 1);
  if (broadcast > 0) broadcastReceived?.accept(broadcast - 1);
}

/** Whether an association negotiates multiple references. */
function listed({ quirks }: MeterModel, { lists }: MeterOptions, client: number): boolean {
  return (lists === true || quirks.has('no-lists')) && LISTED.includes(client);
}

function accessed({ access }: MeterOptions, client: number): number {
  return access === true && LISTED.includes(client) ? ACCESS : 0;
}

function keepKeys(
  core: Core,
  name: string,
  security: ServerSecurity,
  loaded: (keys: ServerSecurity['keys']) => void = () => {},
): void {
  core.parts.add(name, {
    save: () => ({ ...security.keys }),
    load: (keys) => {
      security.keys = keys;
      loaded(keys);
    },
  });
}

/** Gives a client receive counters of its own, because it has its own keys. */
function separateReceived(own: ServerSecurity, utility: ServerSecurity, platform: Platform): void {
  if (equalBytes(own.keys.encryption, utility.keys.encryption) || own.received !== utility.received) return;
  own.received = platform.receiveCounter();
  own.broadcastReceived = platform.receiveCounter();
}

/** Locks an association after failures; a restart does not unlock it. */
function lockOf({ lock: { attempts, duration } = LOCK }: MeterOptions, core: Core, client: number): FailureLock {
  const lock = new FailureLock({ attempts, duration });
  lock.onChange = () => core.parts.changed();
  core.parts.add<LockState>(`lock ${client}`, {
    save: () => lock.state,
    load: (state) => {
      lock.state = state;
    },
  });
  return lock;
}

/** Makes secret and policy durable, and logs when the secret is changed. */
function lasting(core: Core, definition: AssociationDefinition): AssociationDefinition {
  const event = SECRET_CHANGED[definition.client];
  let { secret } = definition;
  core.parts.add(`association ${definition.client}`, {
    save: () => ({ secret, policy: definition.policy }),
    load: (saved) => {
      secret = saved.secret;
      if (saved.policy !== undefined) definition.policy = saved.policy;
    },
  });
  if (event === undefined || secret === undefined) return definition;
  return Object.defineProperty(definition, 'secret', {
    enumerable: true,
    get: () => secret,
    set: (changed: Uint8Array) => {
      secret = changed;
      core.events.record(event, core.catchUp());
    },
  });
}

/** The security setup of one association. It logs when keys are changed. */
export function securitySetup(
  definition: AssociationDefinition,
  access: Access,
  identity: Identity,
  platform: Platform,
  core: Core,
): Implementation<typeof SecuritySetupV0> {
  return securitySetupObject(definition, {
    systemTitle: identity.systemTitle,
    unwrap: (wrapped) => platform.unwrapKey(platform.crypto, access.secrets.masterKey, wrapped),
    guard: () => platform.receiveCounter(),
    onKeys: () => core.events.record(KEY_CHANGED, core.catchUp()),
  });
}
