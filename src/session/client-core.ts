import type { Apdu } from '../apdu/apdu.js';
import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { encodeOpening } from '../apdu/opening-codec.js';
import { AssociationError, StateError } from '../base/errors.js';
import type { Procedure } from '../contracts/procedure.js';
import { cryptoOf, DLMS_VERSION, isHls } from './association.js';
import { unexpected } from './client-answers.js';
import { buildAarq, initiateRequest, openHandshake, readAare } from './client-association.js';
import { ClientChannel } from './client-channel.js';
import type { ClientCode, ClientHls } from './client-code.js';
import type { AssociationView, ClientSessionConfig } from './client-config.js';
import type { ClientNaming } from './client-naming.js';
import { ClearEnvelope, keysMissing } from './envelope.js';
import { ListTrust } from './list-trust.js';
import { confirmOf, isConfirmed, type Notification } from './notification-forms.js';

/** What shows a meter who we are, and what it counts where it is wrong: the password of an AARQ, or our half of HLS. */
export type Unaccepted = 'password' | 'proof';

/** The association of a {@link ClientSession} by itself. The code of its services, and that of protection, may be loaded beside it. */
export class ClientCore {
  /** The options that it was made with. */
  readonly config: ClientSessionConfig;
  /** How the meter answers lists, as far as it is known. */
  readonly trust: ListTrust;
  /** @internal */
  readonly channel: ClientChannel;
  readonly #hls: ClientHls | undefined;
  #view: AssociationView | undefined;
  #taken = false;
  #unaccepted: Unaccepted | undefined;

  /**
   * @param code left out for an association in clear.
   * @param naming left out for logical names.
   * @throws StateError when the configuration lacks keys that its context or mechanism needs.
   */
  constructor(config: ClientSessionConfig, code: ClientCode | undefined, naming?: ClientNaming) {
    this.config = config;
    this.trust = config.lists ?? new ListTrust();
    const { context, security, mechanism = 0 } = config;
    const clear = security === undefined && context !== 'ln-ciphered' && !isHls(mechanism);
    if (!clear && cryptoOf(config) && code === undefined) throw keysMissing();
    this.#hls = code?.hls;
    this.channel = new ClientChannel(config, code?.envelope ?? clearEnvelope, naming);
    if (config.preEstablished !== undefined) this.#establish({ ...config.preEstablished, dlmsVersion: DLMS_VERSION });
  }

  /** What was negotiated, while the association is open. */
  get association(): AssociationView | undefined {
    return this.#view;
  }

  /** @internal Whether the meter accepted an AARQ: what failed after that is not of its invocation counter. */
  get taken(): boolean {
    return this.#taken;
  }

  /** @internal What went out to the meter, which has not accepted it. */
  get unaccepted(): Unaccepted | undefined {
    return this.#unaccepted;
  }

  /** @internal The system title of the meter, where there are keys and it is known. */
  get peerTitle(): Uint8Array | undefined {
    return this.channel.ciphering?.peerTitle;
  }

  /** The kind of block transfer in which the last procedure stopped before its end; undefined where it did not. */
  get transfer(): ConformanceName | undefined {
    return this.channel.transfer;
  }

  /** Is called with notifications that come while an answer is awaited. Must not throw. */
  set onNotification(listener: ((notification: Notification) => void) | undefined) {
    this.channel.onNotification = listener;
  }

  /**
   * Opens the association: AARQ, AARE and, with HLS, passes 3 and 4. A pre-established one is open already.
   * @throws AssociationError when the meter refuses or cannot prove itself; SecurityError when its answer is not protected as it must be.
   */
  *associate(): Procedure<AssociationView> {
    const { config } = this;
    if (this.#view !== undefined) {
      if (config.preEstablished !== undefined) return this.#view;
      throw new StateError('the association is open already', { hint: 'release it first' });
    }
    const { ciphering } = this.channel;
    ciphering?.useDedicatedKey(undefined);
    const ctos = this.#hls?.ownChallenge(config);
    try {
      return this.#establish(yield* this.#agree(ctos));
    } finally {
      this.#hls?.settleChallenge(ctos);
    }
  }

  /** AARQ, AARE and the passes of HLS behind them. */
  *#agree(ctos: Uint8Array | undefined): Procedure<AssociationView> {
    const { config } = this;
    const { ciphering, envelope } = this.channel;
    this.#taken = false;
    const aarq = buildAarq(config, envelope, ctos);
    this.#unaccepted = config.mechanism === 1 ? 'password' : undefined;
    const aare = yield* this.channel.askAcse(aarq);
    if (aare.type !== 'aare') throw unexpected(aare, 'AARQ');
    const { view, challenge: stoc } = readAare(config, envelope, aare);
    this.#taken = true;
    this.#unaccepted = undefined;
    if (config.context === 'ln-ciphered') ciphering?.useDedicatedKey(config.security?.dedicatedKey);
    if (ctos !== undefined && stoc !== undefined) {
      const serverTitle = ciphering?.peerTitle ?? view.serverTitle;
      this.#unaccepted = 'proof';
      yield* (this.#hls as ClientHls).proveBoth(this.channel, { ctos, stoc, serverTitle });
      this.#unaccepted = undefined;
    }
    return view;
  }

  /**
   * Closes the association by RLRQ. Whatever the meter answers, it is closed on this side, and on the other it ends with the link; a
   * pre-established one stays open. Meters refuse an RLRQ for reasons of their own, such as the dedicated key in it.
   * @throws SecurityError when the meter's answer is not protected as it must be.
   */
  *release(): Procedure<void> {
    const { config } = this;
    if (this.#view === undefined || config.preEstablished !== undefined) return;
    this.#view = undefined;
    const { envelope } = this.channel;
    const terms = config.context === 'ln-ciphered' ? { userInformation: initiateRequest(config, envelope) } : {};
    let rlre: Apdu;
    try {
      rlre = yield* this.channel.askAcse(encodeOpening({ type: 'rlrq', reason: 0, ...terms }));
    } catch (error) {
      if (error instanceof AssociationError) return;
      throw error;
    }
    if (rlre.type !== 'rlre') throw unexpected(rlre, 'RLRQ');
    if (rlre.userInformation !== undefined) openHandshake(config, envelope, rlre.userInformation);
  }

  /** The link is down, and with it the association, unless it is pre-established. */
  disconnected(): void {
    this.channel.ciphering?.settle();
    if (this.config.preEstablished === undefined) this.#view = undefined;
  }

  /**
   * Looks at a payload that may be unsolicited: a DataNotification or EventNotification, plain or ciphered.
   * @returns undefined when it is something else: the answer to a request, most likely.
   * @throws DecodeError, SecurityError when it is a notification that cannot be read or opened.
   */
  unsolicited(payload: Uint8Array): Notification | undefined {
    return this.channel.unsolicited(payload);
  }

  /**
   * Confirms a notification whose service class is confirmed (Data-Notification-Confirm), so that the meter does not repeat it. No answer comes.
   * Nothing is sent for any other notification.
   * @throws StateError without an association.
   */
  *confirm({ apdu }: Notification): Procedure<void> {
    this.requireAssociated();
    if (isConfirmed(apdu)) yield this.channel.confirm(encodeOpening(confirmOf(apdu)));
  }

  #establish(view: AssociationView): AssociationView {
    this.#view = view;
    this.channel.establish(view);
    return view;
  }

  /** @internal @throws StateError */
  requireAssociated(): void {
    if (this.#view !== undefined) return;
    throw new StateError('there is no open association', { hint: 'associate first' });
  }

  /** @internal Whether a conformance bit was negotiated. */
  negotiated(name: ConformanceName): boolean {
    return this.#view !== undefined && (this.#view.conformance & CONFORMANCE[name]) !== 0;
  }
}

const clearEnvelope: ClientCode['envelope'] = (config, unreadable) => new ClearEnvelope(config, unreadable);
