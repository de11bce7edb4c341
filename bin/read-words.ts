/** What `cosem read`, `relay`, `clock` and `ports` say, in the languages of their readers. */

import type { RelayOrder } from '../src/index.js';
import { durationText, type Language } from '../src/inspect.js';

interface ReadWords {
  readonly reading: string;
  notShown(client: number, who: string | undefined, what: string): string;
}

export const READ_WORDS: Readonly<Record<Language, ReadWords>> = {
  en: {
    reading: 'reading the meter',
    notShown: (client, who, what) =>
      `Not shown to client ${client}${who === undefined ? '' : ` (${who})`}: ${what}. Other clients, with their keys, see more.`,
  },
  hi: {
    reading: 'मीटर पढ़ा जा रहा है',
    notShown: (client, who, what) =>
      `क्लाइंट ${client}${who === undefined ? '' : ` (${who})`} को नहीं दिखाया गया: ${what}। दूसरे क्लाइंट अपनी कुंजियों से और देख सकते हैं।`,
  },
};

interface RelayWords {
  readonly supply: string;
  readonly state: string;
  readonly mode: string;
  readonly modeUnknown: string;
  already(state: string): string;
  ask(order: RelayOrder): string;
  readonly warning: string;
  readonly moving: string;
  readonly disconnected: string;
  readonly connected: string;
  readonly ready: string;
}

export const RELAY_WORDS: Readonly<Record<Language, RelayWords>> = {
  en: {
    supply: 'Supply',
    state: 'Control state',
    mode: 'Control mode',
    modeUnknown: 'not told to this client',
    already: (state) => `The supply is already ${state}.`,
    ask: (order) => (order === 'connect' ? 'Connect the supply of this meter' : 'Disconnect the supply of this meter'),
    warning: 'Whoever lives there will be in the dark.',
    moving: 'looking whether the relay moves',
    disconnected: 'The supply is disconnected.',
    connected: 'The supply is connected.',
    ready: "The meter is ready: the supply comes back when the consumer presses the meter's button.",
  },
  hi: {
    supply: 'बिजली',
    state: 'रिले की स्थिति',
    mode: 'रिले नियंत्रण',
    modeUnknown: 'इस क्लाइंट को नहीं बताया जाता',
    already: (state) => `बिजली पहले से ${state} है।`,
    ask: (order) => (order === 'connect' ? 'इस मीटर की बिजली चालू करें' : 'इस मीटर की बिजली बंद करें'),
    warning: 'इस घर की बिजली चली जाएगी।',
    moving: 'रिले चलता है या नहीं, देखा जा रहा है',
    disconnected: 'बिजली बंद कर दी गई।',
    connected: 'बिजली चालू कर दी गई।',
    ready: 'मीटर तैयार है: उपभोक्ता मीटर का बटन दबाएगा तो बिजली आएगी।',
  },
};

interface PortsWords {
  readonly none: string;
  readonly titles: readonly [port: string, maker: string, serial: string, stable: string];
}

export const PORTS_WORDS: Readonly<Record<Language, PortsWords>> = {
  en: {
    none: 'No serial port found. Is the adapter plugged in?',
    titles: ['port', 'made by', 'serial number', 'always the same name'],
  },
  hi: {
    none: 'कोई सीरियल पोर्ट नहीं मिला। क्या एडाप्टर लगा है?',
    titles: ['पोर्ट', 'निर्माता', 'क्रम संख्या', 'सदा एक-सा नाम'],
  },
};

interface ConfirmWords {
  /** What a dry run says. @param change in the imperative. */
  would(change: string): string;
  readonly unchanged: string;
  /** Behind the question. */
  readonly choice: string;
}

export const CONFIRM_WORDS: Readonly<Record<Language, ConfirmWords>> = {
  en: {
    would: (change) => `Would ${change.charAt(0).toLowerCase()}${change.slice(1)}. Nothing was changed.`,
    unchanged: 'Nothing was changed.',
    choice: '[y/N]',
  },
  hi: {
    would: (change) => `केवल दिखाया जा रहा है: ${change}। कुछ बदला नहीं गया।`,
    unchanged: 'कुछ बदला नहीं गया।',
    choice: '[हाँ = y / नहीं = Enter]',
  },
};

/** Of a change that nobody can be asked about. @param object what is changed, in English. */
export function nobodyWords(object: string) {
  return {
    message: {
      en: `this changes ${object}, and nobody is here to be asked`,
      hi: 'इससे बदलाव होगा, और यहाँ पूछने के लिए कोई नहीं है',
    },
    hint: {
      en: 'add --yes when it is meant, or --dry-run to see what it would do',
      hi: 'बदलाव करना ही हो तो --yes लगाएँ, या --dry-run से देखें कि क्या होगा',
    },
  };
}

interface ClockWords {
  readonly meter: string;
  readonly here: string;
  readonly is: string;
  readonly status: string;
  /** @param text of a {@link ClockReading}. @param ahead in seconds; undefined for a clock that is not set. */
  off(text: string, ahead: number | undefined): string;
  ask(off: string): string;
  done(off: string): string;
}

export const CLOCK_WORDS: Readonly<Record<Language, ClockWords>> = {
  en: {
    meter: 'Meter',
    here: 'This machine',
    is: 'The meter is',
    status: 'Status',
    off: (text) => text,
    ask: (off) => `Set the meter's clock, which is ${off}, to this machine's time`,
    done: (off) => `The clock was ${off}; it was set to this machine's time.`,
  },
  hi: {
    meter: 'मीटर',
    here: 'यह कंप्यूटर',
    is: 'मीटर की घड़ी',
    status: 'स्थिति',
    off: (_, ahead) => {
      if (ahead === undefined) return 'मिलाई हुई नहीं है';
      if (Math.abs(ahead) <= 1) return 'सही है';
      return `${durationInHindi(Math.abs(ahead))} ${ahead > 0 ? 'आगे' : 'पीछे'} है`;
    },
    ask: (off) => `मीटर की घड़ी (${off}) इस कंप्यूटर के समय से मिलाएँ`,
    done: (off) => `मीटर की घड़ी (${off}) इस कंप्यूटर के समय से मिला दी गई।`,
  },
};

const UNITS_IN_HINDI: Readonly<Record<string, string>> = { d: 'दिन', h: 'घंटे', min: 'मिनट', s: 'सेकंड' };

function durationInHindi(seconds: number): string {
  return durationText(seconds).replace(/[a-z]+/g, (unit) => UNITS_IN_HINDI[unit] ?? unit);
}
