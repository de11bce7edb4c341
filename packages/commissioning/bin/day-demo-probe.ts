import { systemClock, type Transport } from 'cosem';
import { ptyPair } from 'cosem/command';
import { type Listener, listenTcp, serial } from 'cosem/node';
import type { VirtualMeter } from 'cosem/simulator';

/** What optical probes speak. */
const BAUD = 9600;
/** A pseudo-terminal takes no time, but the port counts that of every octet and waits it out before it closes: seconds a house at 9600 baud. */
const QUICK_BAUD = 115_200;
const HOST = '127.0.0.1';
/** How often the demo looks whether the relay has opened, in milliseconds. */
const LOOK = 15;

/** Where configurations reach the probe. */
type Place = Parameters<typeof import('cosem/command').configOf>[1];

/** The installer's one probe: at one end the serial port, at the other whichever meter it is put on. */
export class Probe {
  readonly name: string;
  /** The installer's port, where it is a serial one. */
  readonly reader: string | undefined;
  readonly place: Place;
  readonly #meterEnd: () => Transport | undefined;
  readonly #realistic: boolean;
  readonly #end: () => Promise<void>;
  #on: VirtualMeter | undefined;
  #served: { close(): Promise<void> | void } | undefined;

  private constructor(
    parts: Pick<Probe, 'name' | 'reader' | 'place'>,
    meterEnd: () => Transport | undefined,
    realistic: boolean,
    end: () => Promise<void>,
  ) {
    this.name = parts.name;
    this.reader = parts.reader;
    this.place = parts.place;
    this.#meterEnd = meterEnd;
    this.#realistic = realistic;
    this.#end = end;
  }

  /** A pair of pseudo-terminals; where there is no socat, TCP within this machine. */
  static async open(realistic: boolean, note: (text: string) => void): Promise<Probe> {
    const pair = await ptyPair();
    if (pair !== undefined) {
      const baud = realistic ? BAUD : QUICK_BAUD;
      const place: Place = { type: 'serial', path: pair.meter, baud };
      const meterEnd = () => withoutSpeed(serial(pair.meter, { baudRate: baud }), realistic);
      return new Probe({ name: pair.reader, reader: pair.reader, place }, meterEnd, realistic, async () =>
        pair.close(),
      );
    }
    note('socat is not installed: the meters are on TCP, not on pseudo-terminals');
    let probe: Probe | undefined;
    const listener: Listener = await listenTcp({ host: HOST, port: 0 }, (transport) => void probe?.attach(transport));
    const place: Place = { type: 'tcp', host: HOST, port: listener.port ?? 0 };
    probe = new Probe(
      { name: `${HOST}:${listener.port}`, reader: undefined, place },
      () => undefined,
      realistic,
      () => listener.close(),
    );
    return probe;
  }

  /** Puts the probe on a meter. */
  async put(meter: VirtualMeter): Promise<void> {
    await this.pull();
    this.#on = meter;
    const end = this.#meterEnd();
    if (end !== undefined) await this.attach(end);
  }

  async attach(transport: Transport): Promise<void> {
    this.#served = await this.#on?.attach(transport, { framing: 'hdlc', realistic: this.#realistic });
  }

  /** Takes the probe off: from now on nobody hears anybody. */
  async pull(): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    this.#on = undefined;
    await served?.close();
  }

  /** Pulls the probe in the moment in which the meter's relay opens, and puts it back after a while. */
  pullWhenOpen(meter: VirtualMeter, after: number, told: () => void): void {
    const look = () => {
      if (this.#on !== meter) return;
      if (meter.connected) systemClock.at(systemClock.now() + LOOK, look);
      else {
        told();
        void this.pull().then(() => systemClock.at(systemClock.now() + after, () => void this.put(meter)));
      }
    };
    look();
  }

  async close(): Promise<void> {
    await this.pull();
    await this.#end();
  }
}

/** A pseudo-terminal has no speed of its own: without `configure` a realistic meter takes the time of 9600 baud too. */
function withoutSpeed(transport: Transport, realistic: boolean): Transport {
  if (!realistic) return transport;
  return {
    name: transport.name,
    open: (handler) => transport.open(handler),
    write: (octets) => transport.write(octets),
    close: () => transport.close(),
  };
}
