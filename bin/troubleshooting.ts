import { type CauseId, causes, type Language, STAGES, type SupplyCauseId, supplyCauses } from '../src/inspect.js';

/** udev rule that lets whoever sits at the machine use the adapters of optical probes. */
export const UDEV_RULES = `# Optical probes and RS-485 adapters: FTDI, CP210x, CH340, PL2303. Save as /etc/udev/rules.d/70-cosem.rules, then:
# sudo udevadm control --reload && sudo udevadm trigger
SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", MODE="0660", GROUP="dialout", TAG+="uaccess"
SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", MODE="0660", GROUP="dialout", TAG+="uaccess"
SUBSYSTEM=="tty", ATTRS{idVendor}=="1a86", MODE="0660", GROUP="dialout", TAG+="uaccess"
SUBSYSTEM=="tty", ATTRS{idVendor}=="067b", MODE="0660", GROUP="dialout", TAG+="uaccess"
# ModemManager opens new serial ports to look for modems: keep it away.
ATTRS{idVendor}=="0403", ENV{ID_MM_DEVICE_IGNORE}="1"
ATTRS{idVendor}=="10c4", ENV{ID_MM_DEVICE_IGNORE}="1"
ATTRS{idVendor}=="1a86", ENV{ID_MM_DEVICE_IGNORE}="1"
ATTRS{idVendor}=="067b", ENV{ID_MM_DEVICE_IGNORE}="1"
`;

const PAGE = {
  en: {
    title: 'Troubleshooting',
    about: [
      '`cosem doctor` goes the way to a reading step by step, with the connection options of every command, and says where it stops. These are the',
      'sentences that it has. This page is made from the same table (`src/causes/`); [the same in Hindi](troubleshooting.hi.md).',
      '',
      'To look yourself or to ask somebody: `--trace` shows what crosses the line, `--trace-file FILE.pcapng` keeps it without keys and passwords for',
      'Wireshark and `cosem decode FILE.pcapng`. `cosem decode` also takes what you have: hexadecimal in any shape, logs, text of IEC 62056-21, pcap.',
    ],
    supply: 'The house is dark',
    aboutSupply: [
      'What `diagnoseSupply` of `cosem/tools` concludes from a meter that is read: why the supply is off, and what stands in the way of switching it on.',
    ],
    rules: 'Rule file for Linux',
    prints: '`cosem doctor --udev-rules` prints it.',
  },
  hi: {
    title: 'समस्याएँ और उपाय',
    about: [
      '`cosem doctor` रीडिंग तक का रास्ता एक-एक चरण जाँचता है, उन्हीं विकल्पों के साथ जो हर कमांड लेती है, और बताता है कि काम कहाँ रुकता है। ये उसके',
      'वाक्य हैं। यह पन्ना उसी सूची (`src/causes/`) से बना है; [अंग्रेज़ी में](troubleshooting.md)।',
      '',
      'खुद देखने या किसी से पूछने के लिए: `--trace` दिखाता है कि लाइन पर क्या जाता है, `--trace-file FILE.pcapng` उसे कुंजियों और पासवर्ड के बिना Wireshark और',
      '`cosem decode FILE.pcapng` के लिए रखता है। `cosem decode` वह भी पढ़ता है जो आपके पास है: किसी भी रूप में हेक्साडेसिमल, लॉग, IEC 62056-21 का पाठ, pcap।',
    ],
    supply: 'घर में बिजली नहीं है',
    aboutSupply: [
      'मीटर पढ़कर `cosem/tools` का `diagnoseSupply` क्या निष्कर्ष निकालता है: बिजली क्यों बंद है, और चालू करने में क्या बाधा है।',
    ],
    rules: 'Linux के लिए नियम फ़ाइल',
    prints: '`cosem doctor --udev-rules` इसे दिखाता है।',
  },
} as const satisfies Record<Language, unknown>;

/** docs/troubleshooting.md, and docs/troubleshooting.hi.md. */
export function troubleshooting(language: Language): string {
  const { title, about, supply, aboutSupply, rules, prints } = PAGE[language];
  const lines = [`# ${title}`, '', ...about];
  for (const [stage, words] of Object.entries(STAGES)) {
    lines.push('', `## ${words[language]}`);
    for (const id of Object.keys(causes) as CauseId[]) {
      const cause = causes[id];
      if (cause.stage !== stage) continue;
      lines.push('', `### ${id}`, '', `**${generalWords(cause.says[language])}**`, '');
      for (const step of cause.try) lines.push(`- ${generalWords(step[language])}`);
    }
  }
  lines.push('', `## ${supply}`, '', ...aboutSupply);
  for (const id of Object.keys(supplyCauses) as SupplyCauseId[]) {
    const { says, try: steps } = supplyCauses[id];
    lines.push('', `### ${id}`, '', `**${generalWords(says[language])}**`, '');
    for (const step of steps) lines.push(`- ${generalWords(step[language])}`);
  }
  lines.push('', `## ${rules}`, '', prints, '', '```', UDEV_RULES.trimEnd(), '```', '');
  return lines.join('\n');
}

/** `{port}` as PORT. What stands in brackets only where its fact is known stands here too. */
function generalWords(text: string): string {
  return text
    .replace(/\[( \([^\]]*)\]/g, '$1')
    .replace(/\{(\w+)\}/g, (_, name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase());
}
