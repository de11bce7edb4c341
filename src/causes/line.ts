import type { Cause } from './cause.js';

/** The port and the line: everything before the first octet of DLMS is understood. */
export const lineCauses = {
  'no-port': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'This machine has no serial port: the adapter is not plugged in, or its driver is missing.',
      hi: 'इस कंप्यूटर पर कोई सीरियल पोर्ट नहीं है: एडाप्टर लगा नहीं है, या उसका ड्राइवर नहीं है।',
    },
    try: [
      {
        en: 'plug the adapter in and look with `cosem ports`; `dmesg` (Linux) or the device manager (Windows) shows whether it is seen at all',
        hi: 'एडाप्टर लगाएँ और `cosem ports` से देखें; `dmesg` (Linux) या डिवाइस मैनेजर (Windows) बताता है कि वह दिखता भी है या नहीं',
      },
      {
        en: 'try another USB socket and another cable: some cables only charge',
        hi: 'दूसरा USB सॉकेट और दूसरी केबल आज़माएँ: कुछ केबल केवल चार्ज करती हैं',
      },
      {
        en: 'Windows and macOS need a driver for CH340 and PL2303 adapters',
        hi: 'CH340 और PL2303 एडाप्टर के लिए Windows और macOS में ड्राइवर डालना पड़ता है',
      },
    ],
  },
  'port-missing': {
    stage: 'port',
    exit: 3,
    says: { en: 'There is no port {port}.', hi: '{port} नाम का कोई पोर्ट नहीं है।' },
    try: [
      {
        en: '`cosem ports` lists the ports: Linux /dev/ttyUSB0 or /dev/ttyACM0, macOS /dev/cu.usbserial-…, Windows COM3',
        hi: '`cosem ports` बताता है कि कौन से पोर्ट हैं: Linux पर /dev/ttyUSB0 या /dev/ttyACM0, macOS पर /dev/cu.usbserial-…, Windows पर COM3',
      },
      {
        en: 'the number changes when adapters are plugged in another order: /dev/serial/by-id/… stays the same',
        hi: 'एडाप्टर दूसरे क्रम में लगाने पर पोर्ट का नंबर बदल जाता है: /dev/serial/by-id/… नहीं बदलता',
      },
    ],
  },
  'port-not-permitted': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'The port {port} is there, but you may not open it.',
      hi: 'पोर्ट {port} मौजूद है, पर आपको उसे खोलने की अनुमति नहीं है।',
    },
    try: [
      {
        en: 'Linux: `sudo usermod -aG dialout $USER`, then log out and in again',
        hi: 'Linux: `sudo usermod -aG dialout $USER` चलाएँ, फिर लॉग आउट करके दोबारा लॉग इन करें',
      },
      {
        en: 'or install the rule file: `cosem doctor --udev-rules | sudo tee /etc/udev/rules.d/70-cosem.rules`',
        hi: 'या नियम फ़ाइल डालें: `cosem doctor --udev-rules | sudo tee /etc/udev/rules.d/70-cosem.rules`',
      },
    ],
  },
  'port-busy': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'Another program uses the port {port}.',
      hi: 'पोर्ट {port} किसी दूसरे प्रोग्राम के पास है।',
    },
    try: [
      {
        en: 'end the other program: `lsof {port}` or `fuser {port}` (Linux, macOS) says which it is',
        hi: 'वह प्रोग्राम बंद करें: `lsof {port}` या `fuser {port}` (Linux, macOS) बताता है कि वह कौन सा है',
      },
      {
        en: 'Windows denies access to a port in use: close the maker’s tool or the terminal program that has it',
        hi: 'Windows उपयोग में आ रहे पोर्ट को खोलने नहीं देता: निर्माता का टूल या टर्मिनल प्रोग्राम बंद करें',
      },
      {
        en: 'ModemManager probes new adapters for half a minute: wait, or install the rule file of `cosem doctor --udev-rules`',
        hi: 'ModemManager नए एडाप्टर को आधा मिनट तक जाँचता है: रुकें, या `cosem doctor --udev-rules` की नियम फ़ाइल डालें',
      },
    ],
  },
  'not-a-port': {
    stage: 'port',
    exit: 3,
    says: {
      en: '{port} is not a serial port, or does not know the speed {baud}.',
      hi: '{port} सीरियल पोर्ट नहीं है, या {baud} की गति पर नहीं चलता।',
    },
    try: [
      { en: 'check the path with `cosem ports`', hi: '`cosem ports` से पोर्ट का नाम जाँचें' },
      {
        en: 'usual speeds are 300, 2400, 9600, 19200, 38400, 57600, 115200',
        hi: 'आम गतियाँ ये हैं: 300, 2400, 9600, 19200, 38400, 57600, 115200',
      },
    ],
  },
  'port-gone': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'The port {port} disappeared while it was used.',
      hi: 'पोर्ट {port} काम के बीच में ही हट गया।',
    },
    try: [
      {
        en: 'the adapter was unplugged or lost power: plug it in again, without a hub',
        hi: 'एडाप्टर निकल गया या उसकी बिजली चली गई: उसे बिना हब के फिर लगाएँ',
      },
      { en: 'try another cable', hi: 'दूसरी केबल आज़माएँ' },
    ],
  },
  'port-fails': {
    stage: 'port',
    exit: 3,
    says: {
      en: '{port} cannot be used: {diagnostic}.',
      hi: '{port} काम में नहीं लिया जा सका: {diagnostic}।',
    },
    try: [
      {
        en: 'take the adapter out, put it in again and look with `cosem ports`; on a network check address and port number',
        hi: 'एडाप्टर निकालकर फिर लगाएँ और `cosem ports` से देखें; नेटवर्क पर हो तो पता और पोर्ट नंबर जाँचें',
      },
    ],
  },
  'host-unknown': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'No host is known by the name in {port}.',
      hi: '{port} में दिए नाम का कोई होस्ट नहीं मिला।',
    },
    try: [
      { en: 'check the spelling, or give the IP address', hi: 'नाम की वर्तनी जाँचें, या IP पता दें' },
      {
        en: 'is this machine on the right network, is the VPN up?',
        hi: 'क्या यह कंप्यूटर सही नेटवर्क पर है, क्या VPN चालू है?',
      },
    ],
  },
  'host-refused': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'The host of {port} is there, but nothing listens at that port number.',
      hi: '{port} का होस्ट मिला, पर उस पोर्ट नंबर पर कोई सेवा नहीं चल रही।',
    },
    try: [
      {
        en: 'check the port number: 4059 is usual for meters, converters have their own',
        hi: 'पोर्ट नंबर जाँचें: मीटरों में प्रायः 4059 होता है, कन्वर्टर का अपना होता है',
      },
      { en: 'is the service of the converter switched on?', hi: 'क्या कन्वर्टर की सेवा चालू है?' },
    ],
  },
  'host-silent': {
    stage: 'port',
    exit: 3,
    says: {
      en: 'Nothing answers at {port}: the host is off, elsewhere, or behind a firewall.',
      hi: '{port} से कोई उत्तर नहीं आता: होस्ट बंद है, कहीं और है, या फ़ायरवॉल के पीछे है।',
    },
    try: [
      { en: '`ping` the host', hi: 'होस्ट को `ping` करें' },
      {
        en: 'is the modem of the meter registered, does the SIM have the right APN?',
        hi: 'क्या मीटर का मॉडेम नेटवर्क पर है, क्या SIM का APN सही है?',
      },
    ],
  },
  'no-answer': {
    stage: 'line',
    exit: 3,
    says: { en: 'No answer came from {port}.', hi: '{port} से कोई उत्तर नहीं आया।' },
    try: [
      {
        en: 'is the probe or cable in place, and is the meter powered?',
        hi: 'क्या प्रोब या केबल ठीक लगी है, और क्या मीटर में बिजली है?',
      },
      {
        en: '`cosem doctor` with the same options tries speeds, framings and addresses',
        hi: 'उन्हीं विकल्पों के साथ `cosem doctor` दूसरी गतियाँ, फ़्रेमिंग और पते आज़माता है',
      },
    ],
  },
  'no-valid-answer': {
    stage: 'line',
    exit: 5,
    says: {
      en: 'Octets came from {port}, but no answer that can be understood.',
      hi: '{port} से कुछ आया, पर वह समझ में आने वाला उत्तर नहीं है।',
    },
    try: [
      {
        en: 'centre the probe and shade it, then try again: octets get lost or changed on the way',
        hi: 'प्रोब को बीच में रखें और छाया करें, फिर दोबारा चलाएँ: रास्ते में अक्षर खो या बदल जाते हैं',
      },
      {
        en: '`cosem doctor` with the same options tries speeds, framings and addresses',
        hi: 'उन्हीं विकल्पों के साथ `cosem doctor` दूसरी गतियाँ, फ़्रेमिंग और पते आज़माता है',
      },
    ],
  },
  'no-light': {
    stage: 'line',
    exit: 3,
    says: {
      en: 'Nothing at all came back from {port}: no answer, no echo.',
      hi: '{port} से कुछ भी वापस नहीं आया: न उत्तर, न अपनी ही गूँज।',
    },
    try: [
      {
        en: 'is the probe on the meter, the right way up (cable downwards on most meters), and is the meter powered?',
        hi: 'क्या प्रोब मीटर पर सीधा लगा है (अधिकतर मीटरों में केबल नीचे की ओर), और क्या मीटर में बिजली है?',
      },
      {
        en: 'does the probe send? A phone camera shows its infrared light flicker while `cosem discover` runs',
        hi: 'क्या प्रोब कुछ भेजता है? `cosem discover` चलाते समय मोबाइल के कैमरे में उसकी इन्फ्रारेड रोशनी टिमटिमाती दिखती है',
      },
      {
        en: 'RS-485: swap A and B; is the adapter set to RS-485 and not RS-422?',
        hi: 'RS-485: A और B तार आपस में बदलें; क्या एडाप्टर RS-485 पर है, RS-422 पर नहीं?',
      },
    ],
  },
  'echo-only': {
    stage: 'line',
    exit: 3,
    says: {
      en: 'Only our own octets came back from {port}: the probe works, but the meter does not answer.',
      hi: '{port} से केवल हमारा भेजा हुआ ही वापस आया: प्रोब ठीक है, पर मीटर उत्तर नहीं देता।',
    },
    try: [
      {
        en: 'turn and centre the probe: its magnet must sit flat',
        hi: 'प्रोब को घुमाकर बीच में लगाएँ: उसका चुंबक पूरा चिपकना चाहिए',
      },
      {
        en: 'wake the meter: press its button, or `cosem discover`, which sends a wake-up sequence too',
        hi: 'मीटर को जगाएँ: उसका बटन दबाएँ, या `cosem discover` चलाएँ, जो जगाने का संकेत भी भेजता है',
      },
      {
        en: 'some meters open the optical port only after a cover or a button',
        hi: 'कुछ मीटर ढक्कन खोलने या बटन दबाने पर ही ऑप्टिकल पोर्ट खोलते हैं',
      },
    ],
  },
  garbled: {
    stage: 'line',
    exit: 5,
    says: {
      en: 'Octets came from {port}, but at no usual speed and in no framing do they form an answer.',
      hi: '{port} से कुछ आया, पर किसी भी आम गति या फ़्रेमिंग में वह उत्तर नहीं बनता।',
    },
    try: [
      {
        en: 'the probe sits askew, or sunlight reaches it: shade it and centre it',
        hi: 'प्रोब टेढ़ा लगा है, या उस पर धूप पड़ती है: छाया करें और बीच में लगाएँ',
      },
      {
        en: 'is the adapter connected to the ground of the line? Long RS-485 lines need termination',
        hi: 'क्या एडाप्टर और लाइन का ग्राउंड जुड़ा है? लंबी RS-485 लाइन के सिरे पर टर्मिनेशन चाहिए',
      },
      {
        en: 'is something else on the line, such as a push or another master? `cosem monitor` shows what passes',
        hi: 'क्या लाइन पर कुछ और भी है, जैसे पुश या दूसरा मास्टर? `cosem monitor` दिखाता है कि क्या आ-जा रहा है',
      },
    ],
  },
  parity: {
    stage: 'line',
    exit: 3,
    says: {
      en: 'What came from {port} is text at 7 data bits with even parity (7E1), and it was read as 8N1.',
      hi: '{port} से 7 डेटा बिट और सम पैरिटी (7E1) वाला पाठ आया, और उसे 8N1 मानकर पढ़ा गया।',
    },
    try: [
      {
        en: 'this meter needs the sign-on first: --framing mode-e',
        hi: 'यह मीटर पहले साइन-ऑन चाहता है: --framing mode-e',
      },
      { en: 'an older meter without HDLC: `cosem readout`', hi: 'पुराना मीटर, जिसमें HDLC नहीं है: `cosem readout`' },
    ],
  },
} as const satisfies Record<string, Cause>;
