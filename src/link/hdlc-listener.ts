import type { Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import {
  checkHdlcOptions,
  DEFAULT_MAX_PAYLOAD,
  type HdlcCommonConfig,
  type HdlcRole,
  type LineSide,
} from './hdlc-config.js';
import type { HdlcFrame } from './hdlc-frame.js';
import { UnconfirmedReceiver } from './hdlc-unconfirmed.js';

/**
 * Receives what servers push by themselves, to any client, and sends nothing. Pushes usually come in UI frames; some meters use I frames without a
 * connection, so these are accepted as well.
 */
export class HdlcListener implements HdlcRole {
  readonly #line: LineSide;
  readonly #unconfirmed: UnconfirmedReceiver;

  constructor(config: HdlcCommonConfig, line: LineSide) {
    checkHdlcOptions('listener', config);
    this.#line = line;
    this.#unconfirmed = new UnconfirmedReceiver('any', config.maxPayload ?? DEFAULT_MAX_PAYLOAD);
  }

  connect(): void {
    this.#line.event({ type: 'connected', maxInfo: 0, window: 0, client: 0, server: 0 });
  }

  send(): void {
    throw new StateError('a listener sends nothing');
  }

  awaitMore(): void {}

  disconnect(): void {
    this.#line.event({ type: 'closed', cause: 'local', reason: 'disconnected' });
  }

  receive(frame: HdlcFrame, _now: Millis): void {
    const { control, source, destination, information } = frame;
    if ((control.type !== 'UI' && control.type !== 'I') || information.length === 0) {
      this.#line.discard(frame, 'no push');
      return;
    }
    const payload = this.#unconfirmed.receive(frame);
    if (typeof payload === 'string') this.#line.discard(frame, payload);
    else if (payload !== undefined) {
      this.#line.event({
        type: 'payload',
        client: destination.upper,
        server: source.upper,
        unconfirmed: true,
        ...payload,
      });
    }
  }

  pending(): string | undefined {
    return this.#unconfirmed.pending;
  }

  lostOctets(): void {
    this.#unconfirmed.reset();
  }

  handleTimeout(): void {}

  pollTimeout(): undefined {
    return undefined;
  }
}
