/** Messages of a working day: the sheet of orders, the day's list, postponing, report, hand-over. English and Hindi. */

export const dayTexts = {
  // ---- the sheet of orders
  'sheet-too-large': {
    en: 'The sheet is larger than {megabytes} MB. Split it, or remove pictures from it.',
    hi: 'शीट {megabytes} MB से बड़ी है। उसे बाँटें, या उसमें से चित्र हटाएँ।',
  },
  'sheet-grows': {
    en: 'The workbook unpacks to far more than a list of orders needs, so it is not read. Copy the list into a new workbook.',
    hi: 'यह कार्यपुस्तिका खोलने पर आदेशों की सूची से कहीं अधिक बड़ी है, इसलिए नहीं पढ़ी गई। सूची को नई कार्यपुस्तिका में कॉपी करें।',
  },
  'sheet-too-long': {
    en: 'The sheet has more than {rows} rows. Split it.',
    hi: 'शीट में {rows} से अधिक पंक्तियाँ हैं। उसे बाँटें।',
  },
  'sheet-too-wide': {
    en: 'Row {row} has more than {columns} columns. Remove what is not needed.',
    hi: 'पंक्ति {row} में {columns} से अधिक कॉलम हैं। जो ज़रूरी नहीं, उसे हटाएँ।',
  },
  'sheet-cell-long': {
    en: 'A cell of row {row} has more than {letters} characters. Shorten it.',
    hi: 'पंक्ति {row} के एक खाने में {letters} से अधिक अक्षर हैं। उसे छोटा करें।',
  },
  'sheet-no-csv': {
    en: 'The file is no CSV. Save the list as "CSV UTF-8" or as Excel workbook (.xlsx).',
    hi: 'यह फ़ाइल CSV नहीं है। सूची को "CSV UTF-8" या Excel (.xlsx) के रूप में सहेजें।',
  },
  'sheet-no-excel': {
    en: 'The file is no Excel workbook that can be read: it is damaged, or protected by a password. Open it in Excel and save it anew as .xlsx.',
    hi: 'यह Excel फ़ाइल नहीं पढ़ी जा सकी: वह ख़राब है, या उस पर पासवर्ड है। उसे Excel में खोलकर फिर से .xlsx के रूप में सहेजें।',
  },
  'sheet-old-excel': {
    en: 'This is a workbook of an old Excel (.xls), or one with a password. Save it as .xlsx without a password.',
    hi: 'यह पुराने Excel की फ़ाइल (.xls) है, या उस पर पासवर्ड है। उसे बिना पासवर्ड .xlsx के रूप में सहेजें।',
  },
  'sheet-not-there': {
    en: 'The workbook has no sheet {sheet}. Correct "sheet" in the mapping file.',
    hi: 'कार्यपुस्तिका में शीट {sheet} नहीं है। मैपिंग फ़ाइल में "sheet" ठीक करें।',
  },
  'sheet-no-headings': {
    en: 'Row {row} of the sheet, which should have the headings, is empty. Correct "headingRow" in the mapping file.',
    hi: 'शीट की पंक्ति {row} ख़ाली है, जिसमें शीर्षक होने चाहिए। मैपिंग फ़ाइल में "headingRow" ठीक करें।',
  },
  'sheet-empty': {
    en: 'The sheet has no orders below the headings of row {row}.',
    hi: 'शीट में पंक्ति {row} के शीर्षकों के नीचे कोई आदेश नहीं है।',
  },
  'sheet-no-column': {
    en: 'Row {row} has no heading "{column}". There are: {there}. Correct the mapping file.',
    hi: 'पंक्ति {row} में शीर्षक "{column}" नहीं है। ये हैं: {there}। मैपिंग फ़ाइल ठीक करें।',
  },
  'sheet-column-twice': {
    en: 'The heading "{column}" stands over two columns. Rename one of them.',
    hi: 'शीर्षक "{column}" दो कॉलमों पर है। एक का नाम बदलें।',
  },
  // ---- a row that is refused
  'row-refused': { en: 'Row {row}{order}: {why}', hi: 'पंक्ति {row}{order}: {why}' },
  'row-twice': {
    en: '{column} stands in row {twin} too. Keep one of the two rows, or give this one another.',
    hi: '{column} पंक्ति {twin} में भी है। दोनों में से एक पंक्ति रखें, या इसे दूसरी संख्या दें।',
  },
  'cell-digits-lost': {
    en: '{column}: the spreadsheet has lost digits of this long number. Format the column as text and write the number again.',
    hi: '{column}: स्प्रेडशीट ने इस लंबी संख्या के कुछ अंक खो दिए हैं। कॉलम को Text बनाकर संख्या फिर लिखें।',
  },
  'cell-became-date': {
    en: '{column}: the spreadsheet has made a date of it. Format the column as text and write it again.',
    hi: '{column}: स्प्रेडशीट ने इसे तारीख़ बना दिया है। कॉलम को Text बनाकर फिर लिखें।',
  },
  'cell-digits': {
    en: '{column} is no number of at most {digits} digits. Write it with digits alone.',
    hi: '{column} अधिकतम {digits} अंकों की संख्या नहीं है। केवल अंक लिखें।',
  },
  'cell-not-chosen': {
    en: '{column} is not one of the values that the mapping knows. Write one of: {values}.',
    hi: '{column} मैपिंग के मानों में से नहीं है। इनमें से एक लिखें: {values}।',
  },
  'cell-no-number': {
    en: '{column} is no number. Write digits, such as 2 or 2.5.',
    hi: '{column} कोई संख्या नहीं है। अंक लिखें, जैसे 2 या 2.5।',
  },
  'cell-no-date': {
    en: '{column} is no date. Write day, month and year: 31-12-2026.',
    hi: '{column} कोई तारीख़ नहीं है। दिन, महीना और वर्ष लिखें: 31-12-2026।',
  },
  'field-empty': { en: '{column} is empty. Write it.', hi: '{column} ख़ाली है। इसे भरें।' },
  'field-unmapped': {
    en: 'the mapping file does not say where {field} comes from. Add it there, as a column or a constant.',
    hi: 'मैपिंग फ़ाइल नहीं बताती कि {field} कहाँ से आता है। उसे वहाँ column या constant के रूप में जोड़ें।',
  },
  'field-other': { en: '{column} {reason}: {fix}.', hi: '{column} सही नहीं है ({reason}: {fix})।' },
  'field-id': {
    en: '{column} is no order number. Write at most 40 Latin letters, digits, _ and -.',
    hi: '{column} आदेश संख्या नहीं है। अधिकतम 40 लैटिन अक्षर, अंक, _ और - लिखें।',
  },
  'field-consumer.number': {
    en: '{column} is no consumer number. Write 4 to 24 letters and digits.',
    hi: '{column} उपभोक्ता संख्या नहीं है। 4 से 24 अक्षर और अंक लिखें।',
  },
  'field-consumer.name': {
    en: '{column} is no name. Write at most 80 characters on one line.',
    hi: '{column} नाम नहीं है। एक पंक्ति में अधिकतम 80 अक्षर लिखें।',
  },
  'field-consumer.address': {
    en: '{column} is no address. Write at most 200 characters on one line.',
    hi: '{column} पता नहीं है। एक पंक्ति में अधिकतम 200 अक्षर लिखें।',
  },
  'field-consumer.mobile': {
    en: '{column} is no Indian mobile number. Write its ten digits; +91 may stand before.',
    hi: '{column} भारतीय मोबाइल नंबर नहीं है। दस अंक लिखें; आगे +91 हो सकता है।',
  },
  'field-sanctionedLoad': {
    en: '{column} gives no load from 1 W to 10 MW in whole watts. Correct it, or "times" in the mapping file.',
    hi: '{column} से 1 W से 10 MW तक का पूरे वाट में भार नहीं बनता। इसे या मैपिंग फ़ाइल में "times" को ठीक करें।',
  },
  'field-network.feeder': {
    en: '{column} is no feeder code. Write at most 32 letters, digits and . _ / - without blanks.',
    hi: '{column} फ़ीडर कोड नहीं है। अधिकतम 32 अक्षर, अंक और . _ / - बिना ख़ाली जगह लिखें।',
  },
  'field-network.transformer': {
    en: '{column} is no transformer code. Write at most 32 letters, digits and . _ / - without blanks.',
    hi: '{column} ट्रांसफ़ॉर्मर कोड नहीं है। अधिकतम 32 अक्षर, अंक और . _ / - बिना ख़ाली जगह लिखें।',
  },
  'field-network.pole': {
    en: '{column} is no pole code. Write at most 32 letters, digits and . _ / - without blanks.',
    hi: '{column} खंभे का कोड नहीं है। अधिकतम 32 अक्षर, अंक और . _ / - बिना ख़ाली जगह लिखें।',
  },
  'field-position.latitude': {
    en: '{column} is no latitude. Write degrees, such as 26.8467.',
    hi: '{column} अक्षांश नहीं है। डिग्री लिखें, जैसे 26.8467।',
  },
  'field-position.longitude': {
    en: '{column} is no longitude. Write degrees, such as 80.9462.',
    hi: '{column} देशांतर नहीं है। डिग्री लिखें, जैसे 80.9462।',
  },
  'field-oldMeter.serial': {
    en: '{column} is no serial number. Write the 4 to 24 letters and digits of the name plate, or leave it empty for a new connection.',
    hi: '{column} मीटर का क्रमांक नहीं है। नेम प्लेट के 4 से 24 अक्षर और अंक लिखें, या नए कनेक्शन के लिए ख़ाली छोड़ें।',
  },
  'field-newMeter.serial': {
    en: '{column} is no serial number. Write the 4 to 24 letters and digits of the name plate, or any.',
    hi: '{column} मीटर का क्रमांक नहीं है। नेम प्लेट के 4 से 24 अक्षर और अंक लिखें, या any।',
  },
  // ---- what an import did
  'import-would': { en: 'Nothing was written. Without --dry-run:', hi: 'कुछ नहीं लिखा गया। --dry-run के बिना:' },
  'import-new': { en: 'new', hi: 'नया' },
  'import-same': { en: 'already there', hi: 'पहले से है' },
  'import-replaced': { en: 'replaced', hi: 'बदला गया' },
  'import-changed': {
    en: 'is there with other content. Where it was changed on purpose, add --replace.',
    hi: 'दूसरी सामग्री के साथ पहले से है। यदि जान-बूझकर बदला गया है, तो --replace जोड़ें।',
  },
  'import-begun': {
    en: 'is there with other content, and work on it has begun. Give the new one another number.',
    hi: 'दूसरी सामग्री के साथ पहले से है, और उस पर काम शुरू हो चुका है। नए को दूसरी संख्या दें।',
  },
  'import-unreadable': {
    en: 'is there in a file that cannot be read: {file}. Mend or remove that file first.',
    hi: 'ऐसी फ़ाइल में है जो नहीं पढ़ी जा सकती: {file}। पहले उस फ़ाइल को ठीक करें या हटाएँ।',
  },
  'import-count': {
    en: 'Orders: {new} new, {replaced} replaced, {same} already there. Rows refused: {refused}.',
    hi: 'आदेश: {new} नए, {replaced} बदले गए, {same} पहले से। अस्वीकृत पंक्तियाँ: {refused}।',
  },
  'import-more': { en: '… and {count} more', hi: '… और {count}' },
  'import-fix': {
    en: 'Correct these rows in the sheet and import it again: what is there stays as it is.',
    hi: 'शीट में ये पंक्तियाँ ठीक करके फिर import करें: जो पहले से है, वह वैसा ही रहेगा।',
  },
} as const;
