import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { ACTION_RESULT } from '../apdu/results.js';
import { APDU_TAGS as TAG } from '../apdu/tags.js';
import type { Millis } from '../base/clock.js';
import { DecodeError, SecurityError, StateError } from '../base/errors.js';
import { octets } from '../codec/make.js';
import type { Naming } from '../contracts/association.js';
import { isCiphered, namingOf, offeredConformance } from './contexts.js';
import type { Notification } from './notification-forms.js';
import { passFour, SERVICE_UNKNOWN } from './server-answers.js';
import {
  acceptingAare,
  initiateResponse,
  judgeAarq,
  makeServerCiphering,
  proveServer,
  refusingAare,
  refusingPass4,
  serverChallenge,
  settleChallenge,
  type Terms,
} from './server-association.js';
import type { ServerSessionConfig } from './server-config.js';
import { judgeRelease } from './server-envelope.js';
import { type Coming, passThreeOf, sealedAs } from './server-handshake.js';
import { heldRefusal, initiateRefusal } from './server-refusal.js';
import { ServerServices } from './server-services.js';

/** State of the association. An open one continues until another one, which waits for pass 3 beside it, has proved itself. */
type Phase =
  | { readonly state: 'idle' }
  | { readonly state: 'pending'; readonly coming: Coming }
  /** Without terms where it is open for ever. */
  | { readonly state: 'associated'; readonly terms: Terms | undefined; readonly coming: Coming | undefined };

const STATUS = { idle: 0, pending: 1, associated: 2 } as const;

/**
 * The server's side of one association: for one client SAP on one logical device. Without I/O; `now` comes as an argument. Whatever a
 * client sends gets an answer or silence, never an exception.
 */
export class ServerSession {
  readonly #config: ServerSessionConfig;
  readonly #services: ServerServices;
  readonly #ciphered: boolean;
  readonly #preEstablished: boolean;
  #phase: Phase = { state: 'idle' };
  /** When what is being answered came, in the time of the line. */
  #lineTime: Millis = 0;

  constructor(config: ServerSessionConfig) {
    this.#config = config;
    const { association } = config;
    if (isCiphered(association.context) && association.security === undefined) {
      throw new StateError(`association '${association.name}' is ciphered but has no keys`);
    }
    this.#ciphered = isCiphered(association.context);
    this.#preEstablished = association.preEstablished === true;
    this.#services = new ServerServices(config);
    if (!this.#preEstablished) return;
    const naming = namingOf(association.context);
    this.#services.begin({
      ciphering: makeServerCiphering(config, association.clientTitle),
      naming,
      conformance: offeredConformance(association, naming),
      clientMaxReceivePduSize: 0,
    });
    this.#enter({ state: 'associated', terms: undefined, coming: undefined });
  }

  /** Where the association is: `idle`, `pending` (the client still has to prove itself) or `associated`. */
  get state(): Phase['state'] {
    return this.#phase.state;
  }

  /** How the open association names things; where none is open, as it is offered first. */
  get naming(): Naming {
    return this.#terms?.naming ?? namingOf(this.#config.association.context);
  }

  /** Whether a client has this association: one that is open for ever tells nothing of who is there until a request was let in. */
  get associated(): boolean {
    return this.state === 'associated' && (!this.#preEstablished || this.servedAt > Number.NEGATIVE_INFINITY);
  }

  /** Whether it has shown besides that it knows a secret. */
  get proved(): boolean {
    if (this.#preEstablished) return this.associated && this.#services.tagged;
    const terms = this.#terms;
    return terms !== undefined && terms.mechanism !== 0;
  }

  /** When a request was let in last within the association that is open, in the time of the line. */
  get servedAt(): Millis {
    return this.#services.servedAt;
  }

  /** Whether a transfer in blocks is under way, either way. */
  get transferring(): boolean {
    return this.#services.transferring;
  }

  /** Those of the association that is open. */
  get #terms(): Terms | undefined {
    return this.#phase.state === 'associated' ? this.#phase.terms : undefined;
  }

  /** That which waits for pass 3. */
  get #coming(): Coming | undefined {
    return this.#phase.state === 'idle' ? undefined : this.#phase.coming;
  }

  /**
   * Takes one APDU of the client. `room` is how many octets may go back at once, where that is bounded beside what was negotiated.
   * `lineTime` is when it came in the time of the line, where that of the meter runs otherwise.
   * @returns the answer, which {@link following} may continue; undefined where none is due.
   */
  receive(apdu: Uint8Array, now: Millis, room?: number, lineTime: Millis = now): Uint8Array | undefined {
    const tag = apdu[0];
    if (tag === undefined) return undefined;
    this.#lineTime = lineTime;
    this.#services.arrived({ now, lineTime, room: room ?? Number.POSITIVE_INFINITY });
    try {
      if (tag === TAG.aarq) return this.#associate(apdu, now);
      if (tag === TAG.rlrq) return this.#release(apdu);
      const passed = this.#coming === undefined ? undefined : this.#authenticate(this.#coming, apdu, now);
      if (passed !== undefined) return passed;
      return this.state === 'associated' ? this.#services.answer(apdu) : SERVICE_UNKNOWN;
    } catch (error) {
      // Bad octets and bad protection are answered elsewhere; an APDU that arrives here could not even be recognised.
      if (error instanceof SecurityError) return this.#services.refuse(error, tag);
      if (error instanceof DecodeError) return SERVICE_UNKNOWN;
      throw error;
    }
  }

  /** The next APDU to send right after the answer given last, until there is none: blocks of a stream. */
  following(): Uint8Array | undefined {
    return this.#services.following();
  }

  /** The data link was disconnected: the association ends with it, unless it is pre-established. */
  disconnected(): void {
    this.#services.disconnected();
    if (!this.#preEstablished && this.state !== 'idle') this.#close();
  }

  /**
   * An APDU that the server sends unasked, a notification, as it goes to the link, protected as the policy demands: an EventNotification or an
   * InformationReport within an open association in the service-specific form, everything else in general-glo-ciphering, which tells who sent it.
   * @throws SecurityError when the counter is exhausted.
   */
  notify(apdu: Notification['apdu']): Uint8Array {
    return this.#services.notify(apdu);
  }

  /**
   * Whether an APDU confirms the notification with this long-invoke-id-and-priority, protected as the policy demands. What cannot be opened
   * confirms nothing.
   */
  confirms(apdu: Uint8Array, longInvokeId: number): boolean {
    return this.#services.confirms(apdu, longInvokeId);
  }

  // ---- ACSE

  #associate(octetsOfAarq: Uint8Array, now: Millis): Uint8Array {
    const aarq = decodeApdu(octetsOfAarq, { lenient: true });
    if (aarq.type !== 'aarq') return SERVICE_UNKNOWN;
    const config = this.#config;
    let judged: ReturnType<typeof judgeAarq>;
    try {
      judged = judgeAarq(config, aarq, now);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      judged = initiateRefusal(config);
    }
    if (judged.refused) return refusingAare(config, judged, aarq);
    const challenge = serverChallenge(config, judged);
    if (challenge !== undefined && 'refused' in challenge) return refusingAare(config, challenge, aarq);
    if (this.#ciphered) judged.ciphering?.useDedicatedKey(judged.initiate.dedicatedKey);
    if (challenge === undefined) {
      // A client that proves nothing does not lock out others.
      if (judged.mechanism !== 0 && config.admits?.(this.#lineTime) === false)
        return refusingAare(config, heldRefusal(config), aarq);
      this.#take(judged);
    } else {
      this.#await({ terms: judged, challenge });
    }
    return acceptingAare(config, judged, challenge);
  }

  /** Pass 3, and pass 4 in answer; undefined where the APDU is something else. */
  #authenticate({ terms, challenge }: Coming, apdu: Uint8Array, now: Millis): Uint8Array | undefined {
    const pass = passThreeOf(this.#config, terms, apdu, this.state !== 'associated');
    if (pass === undefined) return undefined;
    const refused = refusingPass4(this.#config, terms, challenge, { ...pass, now, lineTime: this.#lineTime });
    if (refused !== undefined) {
      if (this.#phase.state === 'associated') this.#settle();
      else this.#close();
      return sealedAs(pass, terms, refused);
    }
    const data = octets(proveServer(this.#config, terms, challenge));
    this.#take(terms);
    const response = { result: ACTION_RESULT.success, returned: { data } };
    return sealedAs(pass, terms, passFour(terms.naming, pass.invokeId, response));
  }

  #release(octetsOfRlrq: Uint8Array): Uint8Array {
    const rlrq = decodeApdu(octetsOfRlrq, { lenient: true });
    const terms = this.#terms ?? this.#coming?.terms;
    if (rlrq.type !== 'rlrq' || this.state === 'idle' || terms === undefined) return SERVICE_UNKNOWN;
    if (this.#ciphered) {
      const refusal = this.#judgeRelease(rlrq.userInformation, terms);
      if (refusal !== undefined) return refusal;
    }
    const userInformation = initiateResponse(this.#config, terms);
    this.#close();
    return encodeApdu({ type: 'rlre', reason: 0, userInformation });
  }

  #judgeRelease(information: Uint8Array | undefined, terms: Terms): Uint8Array | undefined {
    if (information !== undefined) return judgeRelease(information, terms.ciphering, terms.handshake);
    return this.#config.association.bareRelease === true ? undefined : SERVICE_UNKNOWN;
  }

  // ---- states

  /** Waits for pass 3 of this one, and no longer for that of an earlier one. */
  #await(coming: Coming): void {
    const { state } = this;
    this.#settle(coming);
    if (state !== 'associated') this.#enter({ state: 'pending', coming });
  }

  /** Nothing waits for pass 3 any more; an open association continues. */
  #settle(coming?: Coming): void {
    settleChallenge(this.#coming?.challenge);
    if (this.#phase.state === 'associated') this.#phase = { ...this.#phase, coming };
  }

  /** The association is that client's from now on, whoever had it on this line. */
  #take(terms: Terms): void {
    if (this.state === 'associated') this.#close();
    this.#settle();
    this.#services.begin({ ...terms, clientMaxReceivePduSize: terms.initiate.clientMaxReceivePduSize });
    this.#enter({ state: 'associated', terms, coming: undefined });
  }

  #close(): void {
    this.#settle();
    this.#services.end();
    this.#enter({ state: 'idle' });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    const { association, application } = this.#config;
    application.statusChanged(association, STATUS[phase.state], this.#terms?.clientTitle);
  }
}
