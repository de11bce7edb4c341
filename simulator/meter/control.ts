/** Relay and load limit as COSEM objects. */

import { AccessError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { f32 } from '../../src/codec/make.js';
import type { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import type { Limiter } from '../../src/cosem/classes/time.js';
import type { AttributeAccess, Implementation } from '../../src/cosem/implementation.js';
import type { Core } from './core.js';
import type { MeterModel } from './model.js';

const LIMIT_SET = 158;
const LIMIT_ENABLED = 159;
const LIMIT_DISABLED = 160;
const LIMITER = '0.0.17.0.0.255';
/** How many emergency profile groups the meter keeps. */
const MOST_GROUPS = 32;
/** Disconnect control scripts: 1 opens, 2 closes. */
const SCRIPTS = '0.0.10.0.106.255';
const IMAGE_ACTIVATION = { scriptLogicalName: '0.0.10.0.107.255', scriptSelector: 1 };

export function relayObject(core: Core): Implementation<typeof DisconnectControlV0> {
  const { relay, limiter, events } = core;
  return {
    outputState: () => {
      core.catchUp();
      return relay.connected;
    },
    controlState: () => {
      core.catchUp();
      return relay.state;
    },
    controlMode: {
      get: () => relay.mode,
      set: (mode) => {
        const now = core.catchUp();
        const before = relay.mode;
        relay.setMode(mode, now);
        limiter.changed(now);
        // Control mode 0 switches the load limit function off.
        if (before !== 0 && mode === 0) events.record(LIMIT_DISABLED, now);
        if (before === 0 && mode !== 0) events.record(LIMIT_ENABLED, now);
      },
    },
    remoteDisconnect: () => relay.remoteDisconnect(core.catchUp()),
    remoteReconnect: () => relay.remoteReconnect(core.catchUp()),
  };
}

export function limiterObject(core: Core, { quirks }: MeterModel): Implementation<typeof Limiter> {
  const { limiter, events } = core;
  const threshold = (attribute: number, get: () => number, set: (watts: number) => void): AttributeAccess<Data> => ({
    get: () => f32(get()),
    set: (value) => {
      if (value.type !== 'float32') {
        throw new AccessError('type-unmatched', `71:${LIMITER}:${attribute}`, `${value.type} instead of float32`);
      }
      if (!(value.value >= 0))
        throw new AccessError('other-reason', `71:${LIMITER}:${attribute}`, 'the threshold is not a number from 0');
      const now = core.catchUp();
      set(value.value);
      limiter.changed(now);
      events.record(LIMIT_SET, now);
    },
  });
  return {
    monitoredValue: { classId: 3, logicalName: '1.0.1.7.0.255', attributeIndex: 2 },
    thresholdActive: () => f32(limiter.thresholdAt(core.catchUp())),
    thresholdNormal: threshold(
      4,
      () => limiter.thresholdNormal,
      (watts) => {
        limiter.thresholdNormal = watts;
      },
    ),
    thresholdEmergency: threshold(
      5,
      () => limiter.thresholdEmergency,
      (watts) => {
        limiter.thresholdEmergency = watts;
      },
    ),
    minOverThresholdDuration: {
      get: () => limiter.minOverThresholdDuration,
      set: (seconds) => {
        const now = core.catchUp();
        limiter.minOverThresholdDuration = seconds;
        limiter.changed(now);
      },
    },
    minUnderThresholdDuration: {
      get: () => limiter.minUnderThresholdDuration,
      set: (seconds) => {
        const now = core.catchUp();
        limiter.minUnderThresholdDuration = seconds;
        limiter.changed(now);
      },
    },
    emergencyProfile: {
      get: () => {
        const { id, activation, duration } = limiter.emergencyProfile;
        return { emergencyProfileId: id, emergencyActivationTime: activation, emergencyDuration: duration };
      },
      set: ({ emergencyProfileId, emergencyActivationTime, emergencyDuration }) => {
        const now = core.catchUp();
        limiter.emergencyProfile = {
          id: emergencyProfileId,
          activation: emergencyActivationTime,
          duration: emergencyDuration,
        };
        limiter.changed(now);
      },
    },
    emergencyProfileGroupIdList: {
      get: () => limiter.emergencyGroups,
      set: (ids) => {
        const now = core.catchUp();
        limiter.emergencyGroups = ids.slice(0, MOST_GROUPS);
        limiter.changed(now);
      },
    },
    emergencyProfileActive: () => limiter.isEmergency(core.catchUp()),
    actions: quirks.has('limiter-script-107')
      ? { actionOverThreshold: IMAGE_ACTIVATION, actionUnderThreshold: IMAGE_ACTIVATION }
      : {
          actionOverThreshold: { scriptLogicalName: SCRIPTS, scriptSelector: 1 },
          actionUnderThreshold: { scriptLogicalName: SCRIPTS, scriptSelector: 2 },
        },
  };
}
