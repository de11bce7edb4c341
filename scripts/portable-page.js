/** START.html of a portable folder: how to start, where things are kept, how to update, drivers of optical probes; in English and Hindi. */

const PAGE = {
  en: {
    title: 'cosem: start here',
    parts: [
      {
        head: 'Start',
        items: [
          'Windows: double-click <code>cosem-day.cmd</code>. Linux: <code>./cosem-day</code> in a terminal. macOS: double-click <code>cosem-day.command</code>. It opens the day’s list; the first time it makes your folder and asks for a passphrase.',
          'Any other command: <code>cosem</code> in this folder (Windows: <code>cosem.cmd</code>), for example <code>cosem ports</code>, <code>cosem doctor</code>, <code>cosem commission demo</code>.',
          'Nothing has to be installed, and no administrator is needed but for drivers. The folder may be anywhere, also on a memory stick, and its path may have blanks and letters of any script.',
          'macOS refuses files from the internet: <code>xattr -dr com.apple.quarantine FOLDER</code> once, in the Terminal.',
        ],
      },
      {
        head: 'Where your things are',
        items: [
          'Nothing of yours is in this folder. Work orders, keys, certificates, consumer index: in <code>cosem</code> in your home folder (Windows: <code>%USERPROFILE%\\cosem</code>), or where <code>COSEM_FOLDER</code> says.',
          'Invocation counters and the log: <code>~/.local/state/cosem</code> (Windows: <code>%LOCALAPPDATA%\\cosem</code>). Never delete the counters: a meter refuses a counter that it has seen.',
          'Configuration: <code>~/.config/cosem</code> (Windows: <code>%APPDATA%\\cosem</code>).',
          'The log holds no secret and nothing about a consumer. Set <code>COSEM_LOG</code> to another file, or empty to have none (not on Windows). <code>cosem support</code> makes a file for whoever helps you; it shows it first.',
        ],
      },
      {
        head: 'Update',
        items: [
          'Unpack the new folder beside the old one, start from the new one, delete the old one. Folder, keys and counters stay, because they are elsewhere.',
          'Is it complete and unchanged? Linux: <code>sha256sum --quiet --check SHA256SUMS</code> in this folder; macOS: <code>shasum -a 256 --quiet --check SHA256SUMS</code>; Windows: <code>certutil -hashfile FILE SHA256</code> shows the number of one file.',
        ],
      },
      {
        head: 'Drivers of USB optical probes',
        items: [
          'Plug the probe in and run <code>cosem ports</code>. If it is listed, you need nothing more. The USB number tells the chip: 10c4 is CP210x (Silicon Labs), 0403 FTDI, 1a86 CH340 (WCH), 067b PL2303 (Prolific).',
          '<b>Windows 10 and 11</b>: connect to the internet and plug the probe in; Windows Update installs the driver in a few minutes. If not: Settings, Windows Update, Advanced options, Optional updates, Driver updates. Without internet take the driver of the chip’s maker from another computer: “CP210x Universal Windows Driver”, “FTDI VCP driver”, “CH341SER”, “PL23XX driver”. Installing needs an administrator once.',
          'Windows: the Device Manager shows the probe under “Ports (COM &amp; LPT)” with its number, such as COM5: <code>cosem commission --serial COM5</code>. Each USB socket may have another number; numbers above COM9 work too. To change it: Properties, Port Settings, Advanced, COM Port Number. A yellow mark means that the driver is missing.',
          'Windows: “PL2303HXA phased out since 2012” means an old or copied chip that the new driver refuses. Take Prolific’s driver 3.3.2.102, or another probe.',
          '<b>Linux</b>: the drivers are in the kernel. You need the right to open the port: <code>sudo usermod -aG dialout $USER</code> (on Arch <code>uucp</code>), then log out and in. Or the rule file: <code>cosem doctor --udev-rules | sudo tee /etc/udev/rules.d/70-cosem.rules</code>, then <code>sudo udevadm control --reload &amp;&amp; sudo udevadm trigger</code>.',
          'Linux: if a CH340 disappears at once, <code>brltty</code> took it for a Braille display: <code>sudo apt remove brltty</code>.',
          '<b>macOS 11 and newer</b>: FTDI, CP210x and CH340 have drivers in the system; for PL2303 there is “PL2303 Serial” in the App Store. The port is called <code>/dev/cu.usbserial-…</code>. Allow the accessory when macOS asks.',
        ],
      },
    ],
  },
  hi: {
    title: 'cosem: यहाँ से शुरू करें',
    parts: [
      {
        head: 'शुरू करना',
        items: [
          'Windows: <code>cosem-day.cmd</code> पर दो बार क्लिक करें। Linux: टर्मिनल में <code>./cosem-day</code> चलाएँ। macOS: <code>cosem-day.command</code> पर दो बार क्लिक करें। दिन की सूची खुलेगी; पहली बार आपका फ़ोल्डर बनेगा और पासवर्ड पूछा जाएगा।',
          'बाकी सभी कमांड: इसी फ़ोल्डर का <code>cosem</code> (Windows में <code>cosem.cmd</code>), जैसे <code>cosem ports</code>, <code>cosem doctor</code>, <code>cosem commission demo</code>।',
          'कुछ भी इंस्टॉल नहीं करना है; ड्राइवर को छोड़कर किसी एडमिनिस्ट्रेटर की ज़रूरत नहीं। फ़ोल्डर कहीं भी रखें, पेन ड्राइव पर भी; उसके नाम में खाली जगह और हिन्दी अक्षर भी चलते हैं।',
          'macOS इंटरनेट से आई फ़ाइलें रोकता है: टर्मिनल में एक बार <code>xattr -dr com.apple.quarantine FOLDER</code> चलाएँ।',
        ],
      },
      {
        head: 'आपकी चीज़ें कहाँ रहती हैं',
        items: [
          'इस फ़ोल्डर में आपका कुछ नहीं रहता। कार्य आदेश, कुंजियाँ, प्रमाणपत्र और उपभोक्ता इंडेक्स आपके होम फ़ोल्डर के <code>cosem</code> में हैं (Windows: <code>%USERPROFILE%\\cosem</code>), या वहाँ जहाँ <code>COSEM_FOLDER</code> बताए।',
          'इन्वोकेशन काउंटर और लॉग: <code>~/.local/state/cosem</code> (Windows: <code>%LOCALAPPDATA%\\cosem</code>)। काउंटर कभी न हटाएँ: मीटर पहले देखे हुए काउंटर को स्वीकार नहीं करता।',
          'सेटिंग्स: <code>~/.config/cosem</code> (Windows: <code>%APPDATA%\\cosem</code>)।',
          'लॉग में न कोई गुप्त बात है, न उपभोक्ता की जानकारी। <code>COSEM_LOG</code> में दूसरी फ़ाइल का नाम दें; खाली रखने पर लॉग नहीं बनता (Windows में नहीं)। <code>cosem support</code> मदद करने वाले के लिए एक फ़ाइल बनाता है और पहले आपको दिखाता है।',
        ],
      },
      {
        head: 'नया संस्करण',
        items: [
          'नया फ़ोल्डर पुराने के पास खोलें, नए से शुरू करें, पुराना हटा दें। आपका फ़ोल्डर, कुंजियाँ और काउंटर बने रहते हैं, क्योंकि वे दूसरी जगह हैं।',
          'क्या सब फ़ाइलें पूरी और सही हैं? Linux: इस फ़ोल्डर में <code>sha256sum --quiet --check SHA256SUMS</code>; macOS: <code>shasum -a 256 --quiet --check SHA256SUMS</code>; Windows: <code>certutil -hashfile FILE SHA256</code> एक फ़ाइल की संख्या दिखाता है।',
        ],
      },
      {
        head: 'USB ऑप्टिकल प्रोब के ड्राइवर',
        items: [
          'प्रोब लगाएँ और <code>cosem ports</code> चलाएँ। सूची में दिखे तो और कुछ नहीं चाहिए। USB संख्या से चिप पहचानें: 10c4 CP210x (Silicon Labs) है, 0403 FTDI, 1a86 CH340 (WCH), 067b PL2303 (Prolific)।',
          '<b>Windows 10 और 11</b>: इंटरनेट से जुड़ें और प्रोब लगाएँ; Windows Update कुछ मिनट में ड्राइवर लगा देता है। न लगे तो: Settings, Windows Update, Advanced options, Optional updates, Driver updates। इंटरनेट न हो तो दूसरे कंप्यूटर से चिप बनाने वाले का ड्राइवर लाएँ: “CP210x Universal Windows Driver”, “FTDI VCP driver”, “CH341SER”, “PL23XX driver”। इसके लिए एक बार एडमिनिस्ट्रेटर चाहिए।',
          'Windows: Device Manager में “Ports (COM &amp; LPT)” के नीचे प्रोब अपनी संख्या के साथ दिखता है, जैसे COM5: <code>cosem commission --serial COM5</code>। हर USB जगह की संख्या अलग हो सकती है; COM9 से बड़ी संख्या भी चलती है। बदलना हो तो: Properties, Port Settings, Advanced, COM Port Number। पीला निशान यानी ड्राइवर नहीं है।',
          'Windows: “PL2303HXA phased out since 2012” का अर्थ है कि चिप पुरानी या नकली है और नया ड्राइवर उसे नहीं मानता। Prolific का ड्राइवर 3.3.2.102 लगाएँ, या दूसरा प्रोब लें।',
          '<b>Linux</b>: ड्राइवर पहले से हैं। पोर्ट खोलने की अनुमति चाहिए: <code>sudo usermod -aG dialout $USER</code> (Arch में <code>uucp</code>), फिर लॉग आउट करके दोबारा लॉग इन करें। या नियम फ़ाइल: <code>cosem doctor --udev-rules | sudo tee /etc/udev/rules.d/70-cosem.rules</code>, फिर <code>sudo udevadm control --reload &amp;&amp; sudo udevadm trigger</code>।',
          'Linux: CH340 लगते ही गायब हो जाए तो <code>brltty</code> ने उसे ब्रेल उपकरण समझ लिया है: <code>sudo apt remove brltty</code>।',
          '<b>macOS 11 और उससे नया</b>: FTDI, CP210x और CH340 के ड्राइवर सिस्टम में हैं; PL2303 के लिए App Store में “PL2303 Serial” है। पोर्ट का नाम <code>/dev/cu.usbserial-…</code> होता है। macOS पूछे तो उपकरण की अनुमति दें।',
        ],
      },
    ],
  },
};

/** The page: both languages, one below the other, nothing loaded from elsewhere. */
export function portablePage(version) {
  const sections = Object.entries(PAGE).map(([language, { title, parts }]) => {
    const bodies = parts.map(
      ({ head, items }) => `<h2>${head}</h2>\n<ul>\n${items.map((item) => `<li>${item}</li>\n`).join('')}</ul>\n`,
    );
    return `<section lang="${language}" id="${language}">\n<h1>${title}</h1>\n${bodies.join('')}</section>\n`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>cosem ${version}</title>
<style>
body { font: 1rem/1.5 system-ui, "Noto Sans Devanagari", "Nirmala UI", sans-serif; max-width: 46rem; margin: 1rem auto; padding: 0 1rem }
code { background: #8882; padding: 0 .2em; overflow-wrap: anywhere }
li { margin: .4rem 0 }
</style>
<p><a href="#en">English</a> · <a href="#hi">हिन्दी</a> · cosem ${version}</p>
${sections.join('<hr>\n')}</html>
`;
}
