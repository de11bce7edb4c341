/**
 * Takes octets apart and describes them in words: the inspector, recordings for Wireshark, masking of secrets, the table of causes, and functions
 * that make foreign text safe to print. `inspect` is where to begin.
 *
 * @module cosem/inspect
 */

// ---- base

export { LANGUAGES, type Language } from './base/language.js';
export { suggestion } from './base/near-miss.js';
export { isText, shownOctets } from './base/shown.js';
export { counted, dateText, durationText, jsonText, visibleJson, visibleLines, visibleText } from './base/words.js';

// ---- causes

export { type Cause, type CauseFacts, type Sentence, STAGES, type Stage } from './causes/cause.js';
export { type CauseId, causes, type WordedCause, wordCause } from './causes/causes.js';
export { errorCodes } from './causes/codes.js';
export { type ProgressId, wordProgress } from './causes/passed.js';
export {
  type SupplyCause,
  type SupplyCauseId,
  supplyCauses,
  type WordedSupplyCause,
  wordSupplyCause,
} from './causes/supply.js';
export { type SupplyPart, type SupplyTamper, wordSupplyPart } from './causes/supply-words.js';

// ---- inspect

export { type CaptureOptions, CaptureWriter } from './inspect/input/capture-writer.js';
export { looksLikeIec21, readInput, readInputText } from './inspect/input/input.js';
export { inspectInput } from './inspect/input/inspect-input.js';
export { CaptureRecorder, type RecorderOptions } from './inspect/input/recorder.js';
export type { Input, InputForm, InputPiece, InputStream } from './inspect/input/streams.js';
export { inspect } from './inspect/inspect.js';
export {
  type Direction,
  type Inspected,
  type InspectedMessage,
  Inspector,
  type InspectorOptions,
} from './inspect/inspector.js';
export { FrameMasker, type MaskedFrame } from './inspect/masker.js';
export { type InspectNode, type NodeError, type NodeValue, walkNodes } from './inspect/node.js';
export type { InspectKeys, InspectOptions, SystemTitles } from './inspect/options.js';
export { ReadoutMasker } from './inspect/readout-masker.js';
export { type Speaker, Speakers } from './inspect/speakers.js';
export { renderLine, renderText, type TextOptions } from './inspect/text.js';
export type { InspectedFraming } from './inspect/units.js';
export { inspectValue } from './inspect/value.js';
export { attributeName, methodName } from './inspect/words.js';
