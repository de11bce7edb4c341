/** What goes wrong in the field, how it is said, what to do. The doctor speaks from this table, and docs/troubleshooting.md is made from it. */
export interface Mistake {
  /** Stage of the way to a reading that it stops at. */
  readonly stage: Stage;
  /** One sentence. `{words}` are replaced by what was found. */
  readonly says: string;
  /** What to try, the likely first. */
  readonly try: readonly string[];
}

export const STAGES = {
  port: 'The port',
  line: 'The line',
  link: 'The data link',
  association: 'The association',
  reading: 'The reading',
} as const;
export type Stage = keyof typeof STAGES;

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

const mistakes = {
  'no-port': {
    stage: 'port',
    says: 'This machine has no serial port: the adapter is not plugged in, or its driver is missing.',
    try: [
      'plug the adapter in and look with `cosem ports`; `dmesg` (Linux) or the device manager (Windows) shows whether it is seen at all',
      'try another USB socket and another cable: some cables only charge',
      'Windows and macOS want a driver for CH340 and PL2303 adapters',
    ],
  },
  'port-missing': {
    stage: 'port',
    says: 'There is no port {port}.',
    try: [
      '`cosem ports` lists what is there: Linux /dev/ttyUSB0 or /dev/ttyACM0, macOS /dev/cu.usbserial-…, Windows COM3',
      'the number changes when adapters are plugged in another order: /dev/serial/by-id/… stays the same',
    ],
  },
  'port-not-permitted': {
    stage: 'port',
    says: 'The port {port} is there, but you may not open it.',
    try: [
      'Linux: `sudo usermod -aG dialout $USER`, then log out and in again',
      'or install the rule file: `cosem doctor --udev-rules | sudo tee /etc/udev/rules.d/70-cosem.rules`',
    ],
  },
  'port-busy': {
    stage: 'port',
    says: 'Another program holds the port {port}.',
    try: [
      'end the other program: `lsof {port}` or `fuser {port}` (Linux, macOS) says which it is',
      'Windows denies access to a port in use: close the maker’s tool or the terminal program that has it',
      'ModemManager probes new adapters for half a minute: wait, or install the rule file of `cosem doctor --udev-rules`',
    ],
  },
  'not-a-port': {
    stage: 'port',
    says: '{port} is not a serial port, or does not know the speed {baud}.',
    try: ['check the path with `cosem ports`', 'usual speeds are 300, 2400, 9600, 19200, 38400, 57600, 115200'],
  },
  'port-gone': {
    stage: 'port',
    says: 'The port {port} went away while it was used.',
    try: ['the adapter was unplugged or lost power: plug it in again, without a hub', 'try another cable'],
  },
  'host-unknown': {
    stage: 'port',
    says: 'No host is known by the name in {port}.',
    try: ['check the spelling, or give the IP address', 'is this machine on the right network, is the VPN up?'],
  },
  'host-refused': {
    stage: 'port',
    says: 'The host of {port} is there, but nothing listens at that port number.',
    try: [
      'check the port number: 4059 is usual for meters, converters have their own',
      'is the service of the converter switched on?',
    ],
  },
  'host-silent': {
    stage: 'port',
    says: 'Nothing answers at {port}: the host is off, elsewhere, or behind a firewall.',
    try: ['`ping` the host', 'is the modem of the meter registered, does the SIM have the right APN?'],
  },
  'no-light': {
    stage: 'line',
    says: 'Nothing at all came back from {port}: no answer, no echo.',
    try: [
      'is the probe on the meter, the right way up (cable downwards on most meters), and is the meter powered?',
      'does the probe send? A phone camera shows its infrared light flicker while `cosem discover` runs',
      'RS-485: swap A and B; is the adapter set to RS-485 and not RS-422?',
    ],
  },
  'echo-only': {
    stage: 'line',
    says: 'Only our own octets came back from {port}: the probe works, but the meter does not answer.',
    try: [
      'turn and centre the probe: its magnet must sit flat',
      'wake the meter: press its button, or `cosem discover`, which sends a wake-up sequence too',
      'some meters open the optical port only after a cover or a button',
    ],
  },
  garbled: {
    stage: 'line',
    says: 'Octets came from {port}, but they make no answer at any usual speed.',
    try: [
      'the probe sits askew, or sunlight reaches it: shade it and centre it',
      'does the adapter reach the ground of the line? Long RS-485 lines want termination',
      'is something else on the line, such as a push or another master? `cosem monitor` shows what passes',
    ],
  },
  parity: {
    stage: 'line',
    says: 'What came from {port} is text at 7 data bits with even parity (7E1), and it was read as 8N1.',
    try: ['this meter wants the sign-on first: --framing mode-e', 'an older meter without HDLC: `cosem readout`'],
  },
  'wrong-baud': {
    stage: 'link',
    says: 'The meter stands at {baud} baud, not at {given}.',
    try: ['use {options}'],
  },
  'wants-sign-on': {
    stage: 'link',
    says: 'The meter wants the sign-on of IEC 62056-21 mode E before HDLC.',
    try: ['use {options}'],
  },
  'no-sign-on': {
    stage: 'link',
    says: 'The meter does not sign on in mode E: it speaks HDLC directly.',
    try: ['use {options}'],
  },
  'no-hdlc': {
    stage: 'link',
    says: 'The meter {name} signs on, but offers no HDLC (mode {mode}).',
    try: [
      'read it with `cosem readout --serial {port}`',
      'some meters offer HDLC only after a setting by the maker’s tool',
    ],
  },
  'wrong-address': {
    stage: 'link',
    says: 'The meter answers to the address {address}, not to {given}.',
    try: ['use {options}'],
  },
  'wrong-framing': {
    stage: 'link',
    says: 'The meter at {port} speaks {framing}, not {given}.',
    try: ['use {options}'],
  },
  'nobody-behind': {
    stage: 'link',
    says: '{port} takes the connection, but no meter answers behind it, neither in the wrapper nor in HDLC.',
    try: [
      'a converter: is its serial side at the speed of the meter, and wired to it?',
      'several meters behind it: `cosem discover --tcp {port} --range 1-32`',
    ],
  },
  'link-refused': {
    stage: 'link',
    says: 'The meter is there, but refuses the data link (DM).',
    try: [
      'another client may be connected: wait two minutes until its link times out',
      'is --client {client} known to this meter?',
    ],
  },
  'slow-meter': {
    stage: 'link',
    says: 'The meter answers, but later than the time-out of {given} s allows.',
    try: ['leave --timeout out, or give it more: --timeout 20'],
  },
  'association-silent': {
    stage: 'association',
    says: 'The data link stands, but the meter does not answer the association of client {client}.',
    try: [
      'is client {client} one that this meter knows? 16 is the public one',
      'is server {server} the management logical device (1)?',
    ],
  },
  'client-unknown': {
    stage: 'association',
    says: 'The meter refuses client {client} without a reason ({diagnostic}).',
    try: [
      'does the meter know this client? In India 16 public, 32 reader, 48 utility',
      'another association may still be open: wait two minutes',
    ],
  },
  'wrong-context': {
    stage: 'association',
    says: 'Client {client} of this meter wants {wanted}.',
    try: ['{contextTry}'],
  },
  'wrong-mechanism': {
    stage: 'association',
    says: 'Client {client} of this meter wants another authentication mechanism than {given} ({diagnostic}).',
    try: ['--auth lls with --password, --auth hls2 (or gmac) with --secret: the reader is often lls, the utility hls2'],
  },
  'needs-authentication': {
    stage: 'association',
    says: 'Client {client} of this meter wants a password or a secret ({diagnostic}).',
    try: ['give --password (LLS) or --secret (HLS), or use the public client: --client 16'],
  },
  'wrong-password': {
    stage: 'association',
    says: 'The password (LLS) is wrong.',
    try: [
      'check --password: length, capitals; octets are written hex:…',
      'after several failures many meters wait before they listen again',
    ],
  },
  'wrong-secret': {
    stage: 'association',
    says: 'The HLS secret is wrong: the meter refused our half of the authentication.',
    try: [
      'check --secret, and whether --auth is the mechanism that it belongs to',
      'after several failures many meters wait',
    ],
  },
  'wrong-ek': {
    stage: 'association',
    says: 'The encryption key (EK, GUEK) is wrong: the meter cannot decipher what we send.',
    try: ['check --ek, 32 hexadecimal digits', 'is it the key of this meter? The serial number is {name}'],
  },
  'wrong-ak': {
    stage: 'association',
    says: 'The authentication key (AK, GAK) is wrong; the encryption key is right.',
    try: ['check --ak, 32 hexadecimal digits; on many Indian meters it is the same as --ek'],
  },
  'wrong-key': {
    stage: 'association',
    says: 'The encryption key or the authentication key is wrong: the meter does not say which.',
    try: [
      'check --ek and --ak, 32 hexadecimal digits each',
      'are they the keys of this meter? The serial number is {name}',
    ],
  },
  'counter-too-low': {
    stage: 'association',
    says: 'The invocation counter is lower than one that the meter has seen under this key.',
    try: [
      'with --companion is15959 the counter is read from the meter first: use it',
      'was the key used by another tool, or the counters file lost? Give --counters FILE of the tool that used it',
    ],
  },
  'bad-proof': {
    stage: 'association',
    says: 'The meter could not prove itself, or what it sent cannot be deciphered ({diagnostic}).',
    try: ['check --ek and --ak', 'are the keys of this meter? The serial number is {name}'],
  },
  'association-refused': {
    stage: 'association',
    says: 'The meter refuses the association: {diagnostic}.',
    try: ['check --client, --auth and the keys; the public client 16 needs none'],
  },
  'read-refused': {
    stage: 'reading',
    says: 'The association stands, but client {client} may not read the object asked for.',
    try: ['`cosem objects` lists what this client may do', 'another client may read it: --client 32 or 48 in India'],
  },
  'line-drops': {
    stage: 'reading',
    says: 'The association stands, but the line breaks while reading: {diagnostic}.',
    try: ['centre the probe and shade it', 'take --baud one step lower with --framing mode-e'],
  },
} as const satisfies Record<string, Mistake>;

export type MistakeId = keyof typeof mistakes;
export const MISTAKES: Readonly<Record<MistakeId, Mistake>> = mistakes;

/** Facts that sentences name. */
export type Facts = Readonly<Record<string, string | number | undefined>>;

/** A sentence with its facts in it. */
export function worded(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? `(${name} not known)`));
}

/** docs/troubleshooting.md. */
export function troubleshooting(): string {
  const lines = [
    '# Troubleshooting',
    '',
    '`cosem doctor` goes the way to a reading step by step, with the connection options of every command, and says where it stops. These are the',
    'sentences that it has. This page is made from the same table (`bin/doctor/mistakes.ts`).',
  ];
  for (const [stage, title] of Object.entries(STAGES)) {
    lines.push('', `## ${title}`);
    for (const [id, mistake] of Object.entries(MISTAKES)) {
      if (mistake.stage !== stage) continue;
      lines.push('', `### ${id}`, '', `**${generalWords(mistake.says)}**`, '');
      for (const step of mistake.try) lines.push(`- ${generalWords(step)}`);
    }
  }
  lines.push(
    '',
    '## Rule file for Linux',
    '',
    '`cosem doctor --udev-rules` prints it.',
    '',
    '```',
    UDEV_RULES.trimEnd(),
    '```',
    '',
  );
  return lines.join('\n');
}

/** `{port}` as PORT. */
function generalWords(text: string): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) =>
    name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase(),
  );
}
