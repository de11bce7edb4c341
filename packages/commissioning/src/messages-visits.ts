/** Names of what every kind of visit has, English and Hindi. */

export const visits = {
  'order-other-kind': {
    en: 'work order {order} is for {kind}, not for {expected}',
    hi: 'कार्य आदेश {order} {kind} के लिए है, {expected} के लिए नहीं',
  },
  'kind-installation': { en: 'installation', hi: 'मीटर लगाना' },
  'kind-survey': { en: 'survey', hi: 'सर्वेक्षण' },
  'kind-reconnection': { en: 'reconnection', hi: 'बिजली जोड़ना' },
  'kind-payment-mode': { en: 'payment mode', hi: 'भुगतान का प्रकार' },
  'kind-meter-comparison': { en: 'meter comparison', hi: 'मीटर मिलान' },
};
