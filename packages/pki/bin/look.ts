import { SecurityError, toHex } from 'cosem';
import { type Json, languageOf, type Run } from 'cosem/command';
import { dateText, type Language } from 'cosem/inspect';
import { nodeCrypto as crypto } from 'cosem/node';
import {
  type Certificate,
  certificatesIn,
  checkCertificate,
  linksOf,
  readFileOf,
  readPem,
  readRequest,
  suiteOfCurve,
  useName,
} from '../src/index.js';
import { folderThere, momentOf, nowOf, titleOf, useOf } from './given.js';
import { told } from './words.js';

/** `cosem pki show` */
export async function show(run: Run, files: readonly string[]): Promise<void> {
  const { output, io } = run;
  const language = languageOf(io);
  const requests: Json[] = [];
  const certificates: { file: string; certificate: Certificate }[] = [];
  for (const file of files) {
    const text = new TextDecoder().decode(readFileOf(file));
    if (text.includes('CERTIFICATE REQUEST-----')) requests.push(...showRequests(run, file, language));
    else certificates.push(...certificatesIn(file));
  }
  for (const { file, certificate } of certificates) {
    output.heading(told(language, certificate.authority ? 'authority-certificate' : 'certificate'));
    output.table([{ title: '' }, { title: '' }], rowsOf(certificate, file, language, nowOf(io)), '  ');
  }
  const links = linksOf(
    crypto,
    certificates.map(({ certificate }) => certificate),
  );
  if (links.length > 0) output.heading(told(language, 'chain'));
  for (const { subject, issuer, state } of links) {
    output.text(
      state === 'root' ? told(language, 'signed-itself', subject) : told(language, STATES[state], subject, issuer),
      '  ',
    );
  }
  output.document({
    command: 'pki',
    action: 'show',
    certificates: certificates.map(({ file, certificate }) => ({ file, ...documentOf(certificate) })),
    requests,
    chain: links.map((link) => ({ ...link })),
  });
}

const STATES = { signed: 'signed-by', absent: 'signed-by-absent', false: 'signed-falsely' } as const;

function showRequests({ output }: Run, file: string, language: Language): Json[] {
  return readPem(readFileOf(file), 'request').map((octets) => {
    const { curve, systemTitle, subjectText } = readRequest(crypto, octets);
    const title = systemTitle === undefined ? undefined : toHex(systemTitle);
    output.heading(told(language, 'request'));
    output.table(
      [{ title: '' }, { title: '' }],
      [
        [told(language, 'file'), file],
        [told(language, 'owner'), subjectText],
        [told(language, 'title'), title ?? told(language, 'no-title')],
        [told(language, 'curve'), told(language, 'curve-suite', curve, suiteOfCurve[curve])],
        ['', told(language, 'signature-holds')],
      ],
      '  ',
    );
    return { file, subject: subjectText, systemTitle: title ?? null, curve };
  });
}

function rowsOf(certificate: Certificate, file: string, language: Language, now: number): string[][] {
  const { subjectText, issuerText, systemTitle, curve, uses, authority, serialNumber, notBefore, notAfter } =
    certificate;
  const itself = toHex(certificate.subject) === toHex(certificate.issuer);
  const title = systemTitle === undefined ? told(language, 'no-title') : toHex(systemTitle);
  const work = authority
    ? told(language, 'signing')
    : uses.map((use) => useName(use, language)).join(', ') || told(language, 'no-use');
  const outside = now < notBefore ? 'not-yet' : now > notAfter ? 'expired' : undefined;
  return [
    [told(language, 'file'), file],
    [told(language, 'owner'), subjectText],
    ...(authority ? [] : [[told(language, 'title'), title]]),
    [told(language, 'issuer'), itself ? told(language, 'itself') : issuerText],
    [told(language, 'use'), work],
    [told(language, 'curve'), told(language, 'curve-suite', curve, suiteOfCurve[curve])],
    [
      told(language, 'valid'),
      notAfter === Number.POSITIVE_INFINITY
        ? told(language, 'valid-from', moment(notBefore))
        : told(language, 'valid-from-until', moment(notBefore), moment(notAfter)),
    ],
    ...(outside === undefined ? [] : [['', told(language, outside)]]),
    [told(language, 'serial'), toHex(serialNumber)],
  ];
}

const moment = (at: number) => dateText(new Date(at).toISOString());

function documentOf(certificate: Certificate): Record<string, Json> {
  const { subjectText, issuerText, systemTitle, curve, uses, authority, serialNumber, notBefore, notAfter } =
    certificate;
  return {
    subject: subjectText,
    issuer: issuerText,
    systemTitle: systemTitle === undefined ? null : toHex(systemTitle),
    authority,
    uses,
    curve,
    suite: suiteOfCurve[curve],
    serialNumber: toHex(serialNumber),
    notBefore: new Date(notBefore).toISOString(),
    notAfter: notAfter === Number.POSITIVE_INFINITY ? null : new Date(notAfter).toISOString(),
  };
}

/** `cosem pki check` */
export async function check(run: Run, file: string): Promise<void> {
  const { output, options, io } = run;
  const language = languageOf(io);
  const given = options.anchor as readonly string[] | undefined;
  const folder = given === undefined ? folderThere(run) : undefined;
  const anchors = given?.flatMap(certificatesIn) ?? folder?.certificates('anchors') ?? [];
  const [first, ...more] = certificatesIn(file);
  if (first === undefined) throw new SecurityError('bad-certificate', `${file} holds no certificate`);
  const others = [...more.map(({ certificate }) => certificate.octets), ...(folder?.others ?? [])];
  const { leaf, chain } = checkCertificate(
    crypto,
    first.certificate.octets,
    anchors.map(({ certificate }) => certificate),
    {
      use: useOf(run),
      at: momentOf(run),
      others,
      ...(typeof options.title === 'string' ? { systemTitle: titleOf(options.title) } : {}),
      ...(options.suite === undefined ? {} : { curve: options.suite === '2' ? 'P-384' : 'P-256' }),
    },
  );
  output.document({ command: 'pki', action: 'check', accepted: true, chain: chain.map(documentOf) });
  output.text(told(language, 'accepted', leaf.subjectText));
  for (const [i, link] of chain.entries()) {
    const above = chain[i + 1];
    if (above !== undefined) output.text(told(language, 'signed-by', link.subjectText, above.subjectText), '  ');
  }
}
