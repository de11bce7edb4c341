/** Which classes this library knows. */

import type { CosemClass } from './class.js';
import { AssociationLnV0, AssociationLnV1, AssociationLnV2, SapAssignment } from './classes/access.js';
import { ClockClass } from './classes/clock.js';
import {
  GprsModemSetup,
  GsmDiagnostic,
  GsmDiagnosticV1,
  HdlcSetupV0,
  HdlcSetupV1,
  IecLocalPortSetup,
  Ipv6Setup,
  MacAddressSetup,
  NtpSetup,
  PppSetup,
  SmtpSetup,
  TcpUdpSetup,
} from './classes/communication.js';
import { DisconnectControlV0, DisconnectControlV1 } from './classes/disconnect-control.js';
import {
  G3MacSetupV1,
  G3MacSetupV2,
  G3MacSetupV3,
  MBusClientV0,
  MBusClientV1,
  ZigbeeSasStartup,
} from './classes/field-networks.js';
import { ImageTransfer } from './classes/image-transfer.js';
import { Account, Credit, TokenGateway } from './classes/payment.js';
import { PushSetupV0, PushSetupV1, PushSetupV2 } from './classes/push-setup.js';
import { SecuritySetupV0, SecuritySetupV1 } from './classes/security-setup.js';
import { AssociationSnV1, AssociationSnV2, AssociationSnV3, AssociationSnV4 } from './classes/short-names.js';
import {
  DataClass,
  DemandRegister,
  ExtendedRegister,
  ProfileGenericV0,
  ProfileGenericV1,
  Register,
} from './classes/storage.js';
import { ActivityCalendar, Limiter, ScriptTable, SingleActionSchedule, SpecialDaysTable } from './classes/time.js';

/** Every class and version, by class id and then version. */
export const classes: readonly CosemClass[] = [
  DataClass,
  Register,
  ExtendedRegister,
  DemandRegister,
  ProfileGenericV0,
  ProfileGenericV1,
  ClockClass,
  ScriptTable,
  SpecialDaysTable,
  AssociationSnV1,
  AssociationSnV2,
  AssociationSnV3,
  AssociationSnV4,
  AssociationLnV0,
  AssociationLnV1,
  AssociationLnV2,
  SapAssignment,
  ImageTransfer,
  IecLocalPortSetup,
  ActivityCalendar,
  SingleActionSchedule,
  HdlcSetupV0,
  HdlcSetupV1,
  PushSetupV0,
  PushSetupV1,
  PushSetupV2,
  TcpUdpSetup,
  MacAddressSetup,
  PppSetup,
  GprsModemSetup,
  SmtpSetup,
  GsmDiagnostic,
  GsmDiagnosticV1,
  Ipv6Setup,
  SecuritySetupV0,
  SecuritySetupV1,
  DisconnectControlV0,
  DisconnectControlV1,
  Limiter,
  MBusClientV0,
  MBusClientV1,
  G3MacSetupV1,
  G3MacSetupV2,
  G3MacSetupV3,
  NtpSetup,
  ZigbeeSasStartup,
  Account,
  Credit,
  TokenGateway,
];

const byId: ReadonlyMap<number, CosemClass> = new Map(classes.map((c) => [key(c.id, c.version), c]));

/** A class in exactly this version; undefined when it is not known: use an untyped handle then. */
export function classOf(id: number, version: number): CosemClass | undefined {
  return byId.get(key(id, version));
}

/** The Blue Book's name of a class, whatever its version: `Register`; `class 200` where it is not known. */
export function className(id: number): string {
  return classes.find((c) => c.id === id)?.name ?? `class ${id}`;
}

function key(id: number, version: number): number {
  return id * 256 + version;
}
