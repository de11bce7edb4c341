import { toLatin1 } from '../../src/base/bytes.js';
import type { Millis } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import { CosemDateTime, UNSPECIFIED, YEAR_UNSPECIFIED } from '../../src/codec/datetime.js';
import { octets, structureOf } from '../../src/codec/make.js';
import type { Infer } from '../../src/codec/type.js';
import type { CaptureColumn, PushSpec } from '../../src/companion/companion.js';
import { PUSH } from '../../src/companion/is15959/associations.js';
import type { DataNotification } from '../../src/contracts/services.js';
import { PushSetupV0 } from '../../src/cosem/classes/push-setup.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import type { Writable } from '../state/parts.js';
import type { Core } from './core.js';
import type { MeterModel } from './model.js';
import type { MeterOptions } from './options.js';
import type { Process } from './process.js';
import { GARBAGE } from './relay-times.js';
import { DAY, midnight } from './time.js';
import type { Values } from './values.js';

type Windows = Infer<(typeof PushSetupV0)['attributes']['communicationWindow']['type']>;
type Destination = Infer<(typeof PushSetupV0)['attributes']['sendDestinationAndMethod']['type']>;

const types = PushSetupV0.attributes;
const ONCE_PUSHED = [85, 86, 87];
const EVENT_SETUP = '0.4.25.9.0.255';
const DISPLAY_SETUP = '0.1.25.9.0.255';
/** Bit 30 of long-invoke-id-and-priority: service class confirmed. */
const CONFIRMED = 0x4000_0000;
const SERVER = 1;
const TCP = 0;
/** 127.0.0.1:4059, in the binary form that these meters use. */
const DESTINATION = Uint8Array.of(127, 0, 0, 1, 0x0f, 0xdb);

type Cell<T> = Writable<T>;

/** The quirk: windows that nobody set read as garbage, with days and months that do not exist. */
const GARBLED_WINDOWS: Windows = [
  {
    startTime: CosemDateTime.fromBytes(GARBAGE),
    endTime: CosemDateTime.fromBytes(
      Uint8Array.of(0x07, 0xd5, 0xed, 0xda, 0x04, 0xb1, 0x40, 0x4e, 0x00, 0x02, 0x76, 0x00),
    ),
  },
];

/** The push association: protects what is sent, and opens what comes back. */
interface PushLine {
  seal(notification: DataNotification, objects: readonly CaptureColumn[]): Uint8Array;
  /** Whether an APDU confirms a push. */
  confirms(apdu: Uint8Array, longInvokeId: number): boolean;
}

/** The writable attributes of a push setup. */
interface Setup {
  readonly spec: PushSpec;
  readonly destination: Cell<Destination>;
  readonly windows: Cell<Windows>;
  readonly randomisation: Cell<number>;
  readonly retries: Cell<number>;
  readonly delay: Cell<number>;
}

/** A push that has not gone out yet: it waits for its random start, or was not delivered. */
interface Pending {
  readonly due: Millis;
  /** How many attempts failed. */
  readonly failed: number;
  /** The notification; from the first attempt on it does not change. */
  readonly notification: DataNotification | undefined;
}

/**
 * Push setups (class 40) and what they send. Randomisation delays the first attempt by up to that many seconds. What is not delivered is
 * repeated as often as the setup says, with its delay in between. Outside the windows nothing is sent.
 */
export class Pushes implements Process {
  readonly #core: Core;
  readonly #values: Values;
  readonly #line: PushLine;
  readonly #onPush: MeterOptions['onPush'];
  readonly #setups: readonly Setup[];
  /** By logical name of the setup: a later push replaces one that waits. */
  readonly #pending = new Map<string, Pending>();
  readonly #confirmed: boolean;
  #invokeId = 0;
  /** Called when something starts to wait. */
  onWaiting: () => void = () => {};

  constructor(
    core: Core,
    values: Values,
    model: MeterModel,
    line: PushLine,
    { onPush, confirmedPushes = false }: Pick<MeterOptions, 'onPush' | 'confirmedPushes'>,
  ) {
    this.#core = core;
    this.#values = values;
    this.#line = line;
    this.#confirmed = confirmedPushes;
    this.#onPush = onPush;
    const specs = model.category.pushSetups;
    this.#setups = specs.map((spec) => setupOf(core, model, spec));
    core.parts.add('push', {
      save: () => ({
        invokeId: this.#invokeId,
        pending: [...this.#pending].map(([name, { due, failed, notification }]) => ({
          name,
          due,
          failed,
          ...(notification === undefined
            ? {}
            : { longInvokeId: notification.longInvokeId, body: encodeData(notification.body) }),
        })),
      }),
      load: ({ invokeId, pending }) => {
        this.#invokeId = invokeId;
        for (const { name, due, failed, longInvokeId, body } of pending) {
          const sent = body !== undefined && longInvokeId !== undefined;
          const notification = sent
            ? { type: 'data-notification' as const, longInvokeId, body: decodeData(body) }
            : undefined;
          this.#pending.set(name, { due, failed, notification });
        }
      },
    });
    for (const { logicalName } of specs)
      values.define(40, logicalName, 1, () => octets(logicalNameToBytes(logicalName)));
    core.events.onStatusChange = () => this.push(EVENT_SETUP);
    core.attach(this);
  }

  /** Lets a setup send its objects, if somebody listens and a window is open. */
  push(logicalName: string): void {
    const setup = this.#setups.find(({ spec }) => spec.logicalName === logicalName);
    if (setup === undefined || this.#onPush === undefined) return;
    const now = this.#core.time.now();
    const longest = setup.randomisation.get();
    const pending: Pending = { due: now, failed: 0, notification: undefined };
    // A last-gasp message cannot wait: the meter has no power any more.
    if (longest === 0 || !this.#core.powered) this.#attempt(setup, pending);
    else {
      const seconds = this.#core.supply.load.draw(40, Math.floor(now / 1000), longest + 1);
      this.#wait(setup, { ...pending, due: now + seconds * 1000 });
    }
  }

  next(): Millis | undefined {
    let next: Millis | undefined;
    for (const { due } of this.#pending.values()) if (next === undefined || due < next) next = due;
    return next;
  }

  step(at: Millis): void {
    for (const setup of this.#setups) {
      const pending = this.#pending.get(setup.spec.logicalName);
      if (pending !== undefined && pending.due <= at) this.#attempt(setup, pending);
    }
  }

  #wait(setup: Setup, pending: Pending): void {
    this.#pending.set(setup.spec.logicalName, pending);
    this.onWaiting();
  }

  #attempt(setup: Setup, { failed, notification: first }: Pending): void {
    const { logicalName } = setup.spec;
    this.#pending.delete(logicalName);
    const now = this.#core.time.now();
    if (!isOpen(setup.windows.get(), this.#core.time.wall(now))) {
      this.#over(logicalName);
      return;
    }
    const notification = first ?? this.#notification(setup);
    const address = addressOf(setup.destination.get());
    const apdu = this.#line.seal(notification, this.#pushedBy(setup));
    const confirmed = (notification.longInvokeId & CONFIRMED) !== 0;
    const pushed = { apdu, logicalName, source: SERVER, destination: PUSH, address, confirmed };
    const delivered = this.#onPush?.(pushed);
    const arrived = (answer: unknown) => {
      const has = confirmed ? this.#isConfirm(answer, notification) : answer !== false;
      if (!has) this.#failed(setup, { due: now, failed: failed + 1, notification });
      else this.#over(logicalName);
    };
    if (delivered instanceof Promise) delivered.then(arrived, () => arrived(false));
    else arrived(delivered);
  }

  #isConfirm(answer: unknown, { longInvokeId }: DataNotification): boolean {
    return answer instanceof Uint8Array && this.#line.confirms(answer, longInvokeId);
  }

  /** A push was not delivered. It is sent again after the delay of the setup, unless the retries are used up or a newer push waits. */
  #failed(setup: Setup, pending: Pending): void {
    const { logicalName } = setup.spec;
    if (this.#pending.has(logicalName)) return;
    if (pending.failed > setup.retries.get()) this.#over(logicalName);
    else this.#wait(setup, { ...pending, due: this.#core.time.now() + setup.delay.get() * 1000 });
  }

  /** Clears the status bits that stay set only until they were pushed or given up. */
  #over(logicalName: string): void {
    if (logicalName !== EVENT_SETUP || this.#pending.has(logicalName)) return;
    for (const bit of ONCE_PUSHED) this.#core.events.clearQuietly(bit);
  }

  #notification(setup: Setup): DataNotification {
    const now = this.#core.time.now();
    this.#invokeId = (this.#invokeId + 1) & 0xffffff;
    const values = this.#pushedBy(setup).map((column) => this.#values.of(column));
    const body = structureOf(
      values.filter((value) => value !== undefined).map((value) => value({ at: now, since: now })),
    );
    const longInvokeId = this.#confirmed ? this.#invokeId | CONFIRMED : this.#invokeId;
    return { type: 'data-notification', longInvokeId, body };
  }

  /** Objects that the meter does not have are left out. */
  #pushedBy({ spec }: Setup): readonly CaptureColumn[] {
    return spec.objects.filter((column) => this.#values.of(column) !== undefined);
  }

  implementation(logicalName: string): Implementation<typeof PushSetupV0> {
    const setup = this.#setups.find(({ spec }) => spec.logicalName === logicalName) as Setup;
    return {
      pushObjectList: setup.spec.objects,
      sendDestinationAndMethod: {
        get: setup.destination.get,
        set: (destination) =>
          setup.destination.set({ ...destination, destination: destination.destination.slice(0, 64) }),
      },
      communicationWindow: {
        get: setup.windows.get,
        set: (windows) => {
          if (windows.length > 4)
            throw new AccessError('other-reason', `40:${logicalName}:4`, 'more than four windows');
          setup.windows.set(windows);
        },
      },
      randomisationStartInterval: setup.randomisation,
      numberOfRetries: setup.retries,
      repetitionDelay: setup.delay,
      push: () => {
        this.#core.catchUp();
        this.push(logicalName);
      },
    };
  }
}

function setupOf({ parts }: Core, { quirks }: MeterModel, spec: PushSpec): Setup {
  const name = `push ${spec.logicalName}`;
  const garbled = quirks.has('unset-garbage') && spec.logicalName === DISPLAY_SETUP;
  return {
    spec,
    destination: parts.cell(`${name} destination`, types.sendDestinationAndMethod.type, {
      transportService: TCP,
      destination: DESTINATION,
      message: 0,
    }),
    windows: parts.cell<Windows>(`${name} windows`, types.communicationWindow.type, garbled ? GARBLED_WINDOWS : []),
    randomisation: parts.cell(`${name} randomisation`, types.randomisationStartInterval.type, 0),
    retries: parts.cell(`${name} retries`, types.numberOfRetries.type, 3),
    delay: parts.cell(`${name} delay`, types.repetitionDelay.type, 0),
  };
}

/** Whether a push may go out: no windows mean always. */
function isOpen(windows: Windows, wall: Millis): boolean {
  return windows.length === 0 || windows.some(({ startTime, endTime }) => within(startTime, endTime, wall));
}

/** Whether a moment is in a window: between two full dates, or between two times of every day. */
function within(start: CosemDateTime, end: CosemDateTime, wall: Millis): boolean {
  const from = start.with({ deviation: 0 }).toMillis();
  const to = end.with({ deviation: 0 }).toMillis();
  if (from !== undefined && to !== undefined) return from <= wall && wall < to;
  if (start.year !== YEAR_UNSPECIFIED) return false;
  const time = wall - midnight(wall);
  return timeOfDay(start, 0) <= time && time < timeOfDay(end, DAY);
}

function timeOfDay({ hour, minute, second }: CosemDateTime, open: Millis): Millis {
  if (hour === UNSPECIFIED) return open;
  const part = (value: number) => (value === UNSPECIFIED ? 0 : value);
  return ((hour * 60 + part(minute)) * 60 + part(second)) * 1000;
}

/**
 * `host:port` of a destination, which is text, or four octets of IPv4 or sixteen of IPv6 with two of the port. Undefined for anything else.
 */
export function addressOf({ transportService, destination }: Destination): string | undefined {
  if (transportService !== TCP && transportService !== 1) return undefined;
  const text = toLatin1(destination);
  if (/^[\w.[\]:-]+:\d{1,5}$/.test(text)) return text;
  const port = (at: number) => ((destination[at] as number) << 8) | (destination[at + 1] as number);
  if (destination.length === 6) return `${destination.subarray(0, 4).join('.')}:${port(4)}`;
  if (destination.length === 18) {
    const groups = Array.from({ length: 8 }, (_, i) => port(2 * i).toString(16));
    return `[${groups.join(':')}]:${port(16)}`;
  }
  return undefined;
}
