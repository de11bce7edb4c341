import { CosemError } from 'cosem';
import { type MessageParams, type Refusal, type RefusalCode, refusal, sentence } from './messages.js';

/** Commissioning refuses to do something, and says why. The message is the English sentence; `refusal` gives other languages. */
export class RefusedError extends CosemError {
  readonly code = 'refused';
  readonly refusal: Refusal;
  /** Whether what was begun has ended. */
  readonly settled: boolean;

  constructor(reason: Refusal, settled = true) {
    super(sentence(reason, 'en'));
    this.refusal = reason;
    this.settled = settled;
  }
}

/** @throws RefusedError always. */
export function refuse(code: RefusalCode, params: MessageParams = {}, settled = true): never {
  throw new RefusedError(refusal(code, params), settled);
}
