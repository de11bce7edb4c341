/** Puts the objects of a meter together, in the order and with the rights of the companion specification. */

import { StateError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import { accessByDefault, type ObjectSpec } from '../../src/companion/companion.js';
import { PUBLIC, READER, associations as specified, UTILITY } from '../../src/companion/is15959/associations.js';
import type { AccessRights, RightsByClient } from '../../src/cosem/access.js';
import type { CosemClass } from '../../src/cosem/class.js';
import { ClockClass } from '../../src/cosem/classes/clock.js';
import { GprsModemSetup, HdlcSetupV1, Ipv6Setup, TcpUdpSetup } from '../../src/cosem/classes/communication.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { ImageTransfer } from '../../src/cosem/classes/image-transfer.js';
import { PushSetupV0 } from '../../src/cosem/classes/push-setup.js';
import { SecuritySetupV0 } from '../../src/cosem/classes/security-setup.js';
import { DataClass, ExtendedRegister, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import {
  ActivityCalendar,
  Limiter,
  ScriptTable,
  SingleActionSchedule,
  SpecialDaysTable,
} from '../../src/cosem/classes/time.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object as servedObject } from '../../src/server/object.js';
import { gprsModemSetup, hdlcSetup, ipv6Setup, type LinkSetup, tcpUdpSetup } from './communication.js';
import { limiterObject, relayObject } from './control.js';
import type { Core } from './core.js';
import type { DataObjects } from './data-objects.js';
import type { MeterModel } from './model.js';
import type { Identity, MeterOptions } from './options.js';
import type { Platform } from './platform.js';
import type { Profiles } from './profiles.js';
import type { Pushes } from './push.js';
import type { Quantities } from './quantities.js';
import { extendedRegister, register } from './registers.js';
import { type Schedules, scripts } from './schedules.js';
import { clockObject, scheduleObject, scriptTable, specialDaysObject } from './scheduling.js';
import { type Access, securitySetup } from './security.js';

export const SERVER_SAP = 1;
const CURRENT_ASSOCIATION = '0.0.40.0.0.255';

/** What the objects are made from. */
export interface Parts {
  readonly options: MeterOptions;
  readonly platform: Platform;
  readonly core: Core;
  readonly model: MeterModel;
  readonly identity: Identity;
  readonly access: Access;
  readonly data: DataObjects;
  readonly quantities: Quantities;
  readonly profiles: Profiles;
  readonly pushes: Pushes;
  readonly schedules: Schedules;
  readonly calendar: Implementation<typeof ActivityCalendar>;
  readonly image: Implementation<typeof ImageTransfer>;
  readonly link: LinkSetup;
}

/** An object that IS 15959 does not list. */
const SPECIAL_DAYS: ObjectSpec = {
  cosem: SpecialDaysTable,
  logicalName: '0.0.11.0.0.255',
  title: 'Special days',
  access: new Map([
    [32, accessByDefault(SpecialDaysTable, 'reader')],
    [48, accessByDefault(SpecialDaysTable, 'utility')],
  ]),
};

type Adder = (device: LogicalDevice, rights: RightsByClient) => void;

/** @throws StateError when the specification has an object that nothing implements. */
export function makeDevice(parts: Parts): LogicalDevice {
  const { options, model, access } = parts;
  const device = new LogicalDevice({
    sap: SERVER_SAP,
    associationVersion: 1,
    listSelectors: !model.quirks.has('no-selectors'),
    ...given({ onFault: options.onFault }),
  });
  const adders = new Map([...measurements(parts), ...control(parts), ...management(parts)]);
  const objects = options.specialDays === true ? [...model.category.objects, SPECIAL_DAYS] : model.category.objects;
  for (const spec of objects) {
    // The server itself shows each client its own association under this name.
    if (spec.logicalName === CURRENT_ASSOCIATION) continue;
    const association = access.associations.find((definition) => definition.logicalName === spec.logicalName);
    if (association !== undefined) device.associate(association, rightsOf(spec), { name: keyOf(association.client) });
    else adderOf(adders, spec)(device, withBroadcast(spec, options.broadcastClient));
  }
  const broadcast = access.associations.find(({ client }) => client === options.broadcastClient);
  if (broadcast !== undefined) device.associate(broadcast, {}, { name: 'broadcast' });
  for (const own of options.objects ?? []) device.add({ ...own, rights: own.rights ?? ROLES });
  return device;
}

/** The roles of the clients that may use an added object which comes without rights. */
const ROLES: RightsByClient = { [PUBLIC]: 'public', [READER]: 'reader', [UTILITY]: 'utility' };

/** The name of an association in the rights of added objects, such as `utility`. */
function keyOf(client: number): string {
  return specified.find(({ clientSap }) => clientSap === client)?.key ?? String(client);
}

function adderOf(adders: ReadonlyMap<string, Adder>, spec: ObjectSpec): Adder {
  const adder = adders.get(spec.logicalName);
  if (adder === undefined) throw new StateError(`nothing implements ${spec.cosem.name} ${spec.logicalName}`);
  return adder;
}

/** Classes of which a broadcast may set objects, as client 48 may. */
const BROADCAST: ReadonlySet<CosemClass> = new Set([ClockClass, SpecialDaysTable, ActivityCalendar]);

function withBroadcast(spec: ObjectSpec, client: number | undefined): RightsByClient {
  const rights = rightsOf(spec);
  const { [UTILITY]: utility } = rights;
  return client === undefined || utility === undefined || !BROADCAST.has(spec.cosem)
    ? rights
    : { ...rights, [client]: utility };
}

const rightsOfSpecs = new WeakMap<ObjectSpec, RightsByClient>();

/** The rights of the companion specification, in the form that the server takes. All meters share them. */
function rightsOf(spec: ObjectSpec): RightsByClient {
  const known = rightsOfSpecs.get(spec);
  if (known !== undefined) return known;
  const rights: Record<number, AccessRights> = {};
  rightsOfSpecs.set(spec, rights);
  for (const [client, { read, write, execute }] of spec.access) {
    const modes = [...new Set([...read, ...write])].map((id) => {
      const mode = !write.includes(id) ? 'read-only' : read.includes(id) ? 'read-and-write' : 'write-only';
      return [id, mode] as const;
    });
    rights[client] = {
      attributes: Object.fromEntries(modes),
      methods: Object.fromEntries(execute.map((id) => [id, 'access'] as const)),
    };
  }
  return rights;
}

function object<C extends CosemClass>(
  cosem: C,
  logicalName: string,
  implementation: Implementation<C>,
): [string, Adder] {
  return [logicalName, (device, rights) => device.add(servedObject(cosem, logicalName, implementation, rights))];
}

function measurements({ core, model, data, quantities, profiles }: Parts): [string, Adder][] {
  return [
    ...[...data].map(([name, value]) => object(DataClass, name, { value })),
    ...quantities.registers.map((quantity) => object(Register, quantity.name, register(core, quantity))),
    ...quantities.demands.map((quantity) => object(ExtendedRegister, quantity.name, extendedRegister(core, quantity))),
    ...model.category.profiles.map((spec) => object(ProfileGenericV1, spec.logicalName, profiles.implementation(spec))),
  ];
}

function control(parts: Parts): [string, Adder][] {
  const { core, model, pushes, profiles, schedules, calendar, image } = parts;
  return [
    object(DisconnectControlV0, '0.0.96.3.10.255', relayObject(core)),
    object(Limiter, '0.0.17.0.0.255', limiterObject(core, model)),
    object(
      ClockClass,
      '0.0.1.0.0.255',
      clockObject(core, () => schedules.rearm()),
    ),
    object(ActivityCalendar, '0.0.13.0.0.255', calendar),
    object(SpecialDaysTable, SPECIAL_DAYS.logicalName, specialDaysObject(core)),
    object(ImageTransfer, '0.0.44.0.0.255', image),
    ...scripts({ core, model, pushes, profiles, activateImage: () => image.imageActivate?.() }).map(([name, table]) =>
      object(ScriptTable, name, scriptTable(core, table, model.quirks.has('script-parameter'))),
    ),
    ...schedules.all.map((schedule) =>
      object(SingleActionSchedule, schedule.logicalName, scheduleObject(schedule.script, schedule.times)),
    ),
  ];
}

function management(parts: Parts): [string, Adder][] {
  const { core, model, platform, identity, access, pushes, link } = parts;
  return [
    object(HdlcSetupV1, '0.0.22.0.0.255', hdlcSetup(model, link)),
    object(TcpUdpSetup, '0.0.25.0.0.255', tcpUdpSetup(model, link)),
    object(GprsModemSetup, '0.0.25.4.0.255', gprsModemSetup),
    object(Ipv6Setup, '0.0.25.7.0.255', ipv6Setup),
    ...model.category.pushSetups.map(({ logicalName }) =>
      object(PushSetupV0, logicalName, pushes.implementation(logicalName)),
    ),
    ...access.associations
      .filter((definition) => definition.securitySetup !== undefined)
      .map((definition) =>
        object(
          SecuritySetupV0,
          definition.securitySetup as string,
          securitySetup(definition, access, identity, platform, core),
        ),
      ),
  ];
}
