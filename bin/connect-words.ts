/** What is said while a meter is reached, in the languages of its readers. */

import type { Resumption } from '../src/index.js';
import type { Language } from '../src/inspect.js';

interface ConnectWords {
  connecting(name: string): string;
  lost(seconds: number): string;
  resumed(resumption: Resumption): string;
  noCounters(file: string): string;
}

export const CONNECT_WORDS: Readonly<Record<Language, ConnectWords>> = {
  en: {
    connecting: (name) => `connecting to ${name}`,
    lost: (seconds) => `lost the meter, trying again for ${seconds} s`,
    noCounters: (file) => `Invocation counters cannot be kept in ${file}: the meter's own is relied on.`,
    resumed: ({ error, lost, attempts }) => {
      const again = attempts === 1 ? '' : `, at the ${ordinal(attempts)} attempt`;
      return `Went on after ${(lost / 1000).toFixed(1)} s${again}: ${error.message}`;
    },
  },
  hi: {
    connecting: (name) => `${name} से जुड़ रहे हैं`,
    noCounters: (file) => `इनवोकेशन काउंटर ${file} में नहीं रखे जा सकते: मीटर के अपने काउंटर पर भरोसा किया जाता है।`,
    lost: (seconds) => `मीटर से संपर्क टूटा, ${seconds} सेकंड तक फिर कोशिश होगी`,
    resumed: ({ lost, attempts }) => {
      const again = attempts === 1 ? '' : `, ${attempts} कोशिशों में`;
      return `${(lost / 1000).toFixed(1)} सेकंड बाद फिर जुड़ गए${again}`;
    },
  },
};

function ordinal(n: number): string {
  return ['first', 'second', 'third'][n - 1] ?? `${n}th`;
}
