import { fromHex, fromLatin1, toLatin1 } from '../../src/base/bytes.js';
import type { Clock, Millis } from '../../src/base/clock.js';
import { given } from '../../src/base/given.js';
import type { OptionNames } from '../../src/base/known-options.js';
import type { LogicalName } from '../../src/base/obis.js';
import { DISPLAY, associations as indian } from '../../src/companion/is15959/associations.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { CounterStore } from '../../src/contracts/counter-store.js';
import type { Framing } from '../../src/contracts/link.js';
import type { Transport } from '../../src/contracts/transport.js';
import { HdlcSetupV1 } from '../../src/cosem/classes/communication.js';
import {
  TEMPLATE_AUTHENTICATIONS,
  type Template,
  type TemplateAssociation,
  type TemplateDevice,
  templateData,
} from '../../src/cosem/template.js';
import { MeterServer } from '../../src/server/server.js';
import type { ServedLink } from '../../src/transport/server.js';
import { type FaultLike, Faults } from '../faults/faults.js';
import { memoryLine } from '../memory-line.js';
import type { MeterConnection } from '../meter/connections.js';
import { type KeySets, keySets, keysOfClient, keysOfCounter } from '../meter/key-sets.js';
import { type MeterSecrets, secretsOf } from '../meter/options.js';
import type { Platform } from '../meter/platform.js';
import { beginCounters, sendingCounters } from '../meter/sending-counters.js';
import { type MeterPlace, placeOf } from '../place.js';
import { type Playing, type PlayOptions, playScenario } from '../scenario/play.js';
import type { Scenario } from '../scenario/steps.js';
import { type AttachOptions, serveMeter } from '../serve.js';
import { RecordedDevice } from './device.js';

/** Seconds of silence after which an HDLC connection ends, where the recording does not tell. */
const INACTIVITY_TIMEOUT = 120;
const NO_TITLE = fromLatin1('CSM00001');
const CLIENT_TITLE = fromLatin1('CSMHES01');
const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';
const FIRMWARE = 80;

/** What a recorded meter is like. Every option but `clock` has a default. */
export interface TemplateOptions {
  /** The time of the meter; its own clock runs on from the recorded time. */
  readonly clock: Clock;
  /**
   * The clock of its lines, for time-outs and late answers. By default the same clock; give another one when `clock` runs faster than real
   * time.
   */
  readonly lineClock?: Clock;
  /** Data link of lines that name none; `openOptionsOf` tells it to clients. Default `hdlc`. */
  readonly framing?: Framing;
  /** Keys and passwords, which a template does not hold. Those that are left out are the published {@link BENCH_SECRETS}. */
  readonly secrets?: Partial<MeterSecrets>;
  /** Where its sending invocation counters come from, as in `createMeter`. */
  readonly counters?: CounterStore;
  /** Longest HDLC information field in octets. By default that of the recorded HDLC setup, else 128. */
  readonly maxInfo?: number;
  /** HDLC window size, 1 to 7. By default that of the recorded HDLC setup, else 1. */
  readonly window?: number;
  /** Whether it answers as slowly as a real meter at 9600 baud. Default false. */
  readonly realistic?: boolean;
  /** Faults of every line and every answer: `bit-errors=1e-4`, `silence=2s@10%`. None by default. */
  readonly faults?: readonly FaultLike[];
  /** The seed of random faults. Default 0. */
  readonly seed?: number;
  /** Called when the simulation itself fails; the client then gets hardware-fault. */
  readonly onFault?: (error: unknown, target: string) => void;
}

/** Every option of a recorded meter, by name. */
export const TEMPLATE_OPTIONS: OptionNames<TemplateOptions> = {
  clock: true,
  lineClock: true,
  framing: true,
  secrets: true,
  maxInfo: true,
  window: true,
  realistic: true,
  faults: true,
  seed: true,
  counters: true,
  onFault: true,
};

const PUBLIC = 16;

/** A recorded meter that answers on lines. Make one with {@link templateMeter}. */
export class TemplateMeter {
  /** The recording that it was made from. */
  readonly template: Template;
  /** Its names, as far as they were recorded; texts are empty where they were not. */
  readonly identity: {
    /** Serial number, of `0.0.96.1.0.255`. */
    readonly serial: string;
    /** Logical device name, of `0.0.42.0.0.255`. */
    readonly logicalDeviceName: string;
    /** System title, 8 octets. */
    readonly systemTitle: Uint8Array;
  };
  /** How each kind of client connects, for configurations and tests. Holds keys and passwords. */
  readonly connections: readonly MeterConnection[];
  /** The faults of its lines and answers. They can be added and removed at any time. */
  readonly faults: Faults;
  readonly #platform: Platform;
  readonly #options: TemplateOptions;
  readonly #server: MeterServer;
  readonly #playing: Playing[] = [];
  #place: MeterPlace | undefined;

  constructor(platform: Platform, template: Template, options: TemplateOptions) {
    this.#platform = platform;
    this.template = template;
    this.#options = options;
    const systemTitle = template.systemTitle === undefined ? NO_TITLE : fromHex(template.systemTitle);
    this.identity = {
      serial: textOf(template, '0.0.96.1.0.255'),
      logicalDeviceName: textOf(template, '0.0.42.0.0.255'),
      systemTitle,
    };
    const secrets = secretsOf(options.secrets);
    this.faults = new Faults(options.faults, { seed: options.seed ?? 0 });
    const counters = sendingCounters(platform, options, systemTitle);
    beginCounters(counters, options);
    const keys = keySets(platform, secrets, this.faults.counters(counters));
    const devices = template.devices.map(withPublicClient).map((device) => {
      const definitions = new Map(
        device.associations.map((association) => [association.client, definitionOf(association, secrets, keys)]),
      );
      return new RecordedDevice(device, {
        clock: options.clock,
        definitions,
        lowestCounter: (name) => keysOfCounter(keys, name).received.lowest,
        onFault: options.onFault,
      });
    });
    this.#server = new MeterServer({ devices, crypto: platform.crypto, systemTitle });
    this.connections = template.devices.flatMap((device) =>
      device.associations.map((association) => connectionOf(association, device, secrets, keys, systemTitle)),
    );
  }

  /**
   * Handles one APDU as if a link had delivered it.
   * @returns the answer; undefined where none is due.
   */
  handle(
    client: number,
    server: number,
    apdu: Uint8Array,
    now: Millis = this.#options.clock.now(),
  ): Uint8Array | undefined {
    return this.#server.handle(client, server, apdu, now);
  }

  /**
   * Serves a line until it closes. Several lines may be served at a time.
   * @throws LinkError when the transport cannot be opened.
   */
  attach(transport: Transport, options: AttachOptions = {}): Promise<ServedLink> {
    const line = { ...given({ framing: this.#options.framing }), ...options };
    this.#place = placeOf(line);
    return serveMeter(
      {
        answerer: this.#server,
        clock: this.#options.lineClock ?? this.#options.clock,
        realistic: this.#options.realistic === true,
        seed: this.#options.seed ?? 0,
        faults: this.faults,
        link: (attach, busy) => this.#link(attach, busy),
      },
      transport,
      line,
    );
  }

  /**
   * Makes a line in memory with the meter at one end, and returns the client's end. When the line is lost (`hang-up`), another one like it
   * can be opened; a client continues over that by itself.
   */
  line(options: AttachOptions = {}): Promise<Transport> {
    return memoryLine(['recorded meter', `meter ${this.identity.serial}`], (end) => this.attach(end, options));
  }

  /** How a client finds it on the line that was served last; undefined before there was one, and where its options name no framing. */
  get place(): MeterPlace | undefined {
    const { framing } = this.#options;
    return this.#place ?? (framing === undefined ? undefined : placeOf({ framing }));
  }

  /**
   * Plays a scenario on its lines from now on, until {@link stop}. A recorded meter can only be given faults.
   * @throws StateError with file, line and column of the first step that is not a fault.
   */
  play(scenario: Scenario, options: Pick<PlayOptions, 'onMoment'> = {}): Playing {
    const playing = playScenario(scenario, { clock: this.#options.clock, faults: this.faults, ...options });
    this.#playing.push(playing);
    return playing;
  }

  /** Ends its scenario. Nothing else happens by itself in a recorded meter. */
  stop(): void {
    for (const playing of this.#playing.splice(0)) playing.stop();
  }

  #link(options: AttachOptions, busy: () => boolean) {
    const setup = HdlcSetupV1.attributes;
    const recorded = (attribute: { readonly id: number }) => numberIn(this.template, HdlcSetupV1.id, attribute.id);
    const make = this.#platform.links[options.framing ?? 'hdlc'];
    return make({
      devices: this.template.devices.map(({ server }) => server),
      maxInfo: this.#options.maxInfo ?? within(recorded(setup.maxInfoFieldLengthTransmit) ?? 128, 32, 2030),
      window: this.#options.window ?? within(recorded(setup.windowSizeTransmit) ?? 1, 1, 7),
      inactivityTimeout: (recorded(setup.inactivityTimeOut) ?? INACTIVITY_TIMEOUT) * 1000,
      manufacturer: toLatin1(this.identity.systemTitle.subarray(0, 3)).replace(/[^A-Za-z]/g, 'X'),
      busy,
      ...given({ lower: options.lower }),
    });
  }
}

/** The conformance bit of the GET service. */
const GET = 0x000010;

/**
 * Adds a public client where none was recorded, because ciphering clients first read their invocation counter as the public client. It sees
 * nothing but the recorded counters.
 */
function withPublicClient(device: TemplateDevice): TemplateDevice {
  const { associations, objects } = device;
  const [first] = associations;
  if (first === undefined || associations.some(({ client, ciphered }) => client === PUBLIC || !ciphered)) return device;
  const counters = objects.filter(({ values }) => Object.values(values).some((value) => 'invocation-counter' in value));
  const association: TemplateAssociation = {
    ...first,
    name: 'public',
    client: PUBLIC,
    ciphered: false,
    authentication: 'none',
    policy: 'none',
    preEstablished: false,
    conformance: GET,
    current: {},
    objectList: counters.map(({ class: classId, version, logicalName }) => ({
      class: classId,
      version,
      logicalName,
      attributes: [
        [1, 'read-only'],
        [2, 'read-only'],
      ],
      methods: [],
    })),
  };
  return { ...device, associations: [...associations, association] };
}

/** Limits a recorded value to what HDLC allows. */
function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

function mechanismOf({ authentication }: TemplateAssociation): AssociationDefinition['mechanism'] {
  return TEMPLATE_AUTHENTICATIONS.indexOf(authentication) as AssociationDefinition['mechanism'];
}

function secretOf({ authentication, client }: TemplateAssociation, secrets: MeterSecrets): Uint8Array | undefined {
  if (authentication === 'none' || authentication === 'gmac') return undefined;
  if (authentication === 'lls') return client === DISPLAY ? secrets.displayLls : secrets.lls;
  return client === FIRMWARE ? secrets.firmwareHls : secrets.hls;
}

function definitionOf(association: TemplateAssociation, secrets: MeterSecrets, keys: KeySets): AssociationDefinition {
  const { client, name, ciphered, policy, conformance, maxReceivePduSize, maxSendPduSize } = association;
  const secret = secretOf(association, secrets);
  const security = keysOfClient(keys, client);
  return {
    client,
    name,
    logicalName: CURRENT_ASSOCIATION,
    context: ciphered ? 'ln-ciphered' : 'ln',
    mechanism: mechanismOf(association),
    conformance,
    maxReceivePduSize,
    maxSendPduSize,
    ...given({ secret }),
    ...(ciphered || association.authentication === 'gmac' ? { security } : {}),
    ...(ciphered ? { policy } : {}),
    ...(association.preEstablished ? { preEstablished: true } : {}),
  };
}

function connectionOf(
  association: TemplateAssociation,
  device: TemplateDevice,
  secrets: MeterSecrets,
  keys: KeySets,
  serverTitle: Uint8Array,
): MeterConnection {
  const { name, client, ciphered, policy } = association;
  const secret = secretOf(association, secrets);
  const counter = indian.find(({ clientSap }) => clientSap === client)?.invocationCounter;
  // Only the display may read its counter. Where the public client was not recorded, it sees all counters.
  const shown = device.associations.find(({ client }) => client === PUBLIC)?.objectList ?? device.objects;
  const published = shown.some(({ logicalName }) => logicalName === counter);
  return {
    name,
    title: name,
    client,
    server: device.server,
    mechanism: mechanismOf(association),
    ...(association.preEstablished
      ? {
          preEstablished: {
            conformance: association.conformance,
            serverMaxReceivePduSize: association.maxReceivePduSize,
          },
        }
      : {}),
    ...given({ secret }),
    ...(ciphered || association.authentication === 'gmac'
      ? {
          security: {
            encryptionKey: keysOfClient(keys, client).keys.encryption,
            authenticationKey: keysOfClient(keys, client).keys.authentication,
            policy: ciphered ? policy : ('none' as const),
            clientTitle: CLIENT_TITLE,
            serverTitle,
            ...(counter !== undefined && published ? { invocationCounter: counter } : {}),
          },
        }
      : {}),
  };
}

/** The text of an object of class Data; empty where it was not recorded. */
function textOf({ devices }: Template, logicalName: LogicalName): string {
  for (const { objects } of devices) {
    const value = objects.find((object) => object.class === 1 && object.logicalName === logicalName)?.values[2];
    const data = value === undefined ? undefined : templateData(value);
    if (data?.value instanceof Uint8Array) return toLatin1(data.value);
    if (typeof data?.value === 'string' || typeof data?.value === 'number') return String(data.value);
  }
  return '';
}

function numberIn({ devices }: Template, classId: number, attribute: number): number | undefined {
  for (const { objects } of devices) {
    const value = objects.find((object) => object.class === classId)?.values[attribute];
    const data = value === undefined ? undefined : templateData(value);
    if (typeof data?.value === 'number' && data.value > 0) return data.value;
  }
  return undefined;
}
