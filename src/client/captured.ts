/** What captured values mean that are no plain numbers. */

import { given } from '../base/given.js';
import type { Companion } from '../companion/companion.js';
import { isScalerUnit } from '../cosem/members.js';
import { unitOf } from '../cosem/units.js';
import { Reading, type ScalerUnit } from './readings.js';

/** Scaler and unit that a reading holds as its value, as in a row of a scaler profile; undefined of any other. */
export function scalerUnitIn({ classId, attributeId, data }: Reading): ScalerUnit | undefined {
  if (data.type !== 'structure' || !isScalerUnit({ classId, attributeId })) return undefined;
  const [scaler, unit] = data.value;
  if (scaler?.type !== 'integer' || unit?.type !== 'enum') return undefined;
  return { scaler: scaler.value, unit: unitOf(unit.value) };
}

/** A reading of a row in the words that the companion specification has for the attribute: money, codes, names. */
export function inWordsOf(companion: Companion, reading: Reading): Reading {
  const { classId, logicalName, attributeId, name, data, time } = reading;
  const presentation = companion.readings
    .flatMap(({ readings }) => readings)
    .find(({ attribute, alternatives = [] }) => {
      const names = [attribute.logicalName, ...alternatives];
      return attribute.classId === classId && attribute.attributeId === attributeId && names.includes(logicalName);
    })?.presentation;
  if (presentation === undefined || presentation === 'date-time') return reading;
  return new Reading({
    ...{ classId, logicalName, attributeId, name, data, presentation },
    ...given({ time }),
  });
}
