import { toHex } from 'cosem';
import { confirm, doneIn, languageOf, mustBeAskable, type Run, UsageError, withMeter } from 'cosem/command';
import { nodeCrypto as crypto } from 'cosem/node';
import type { KeyUse } from 'cosem/protocol';
import { parseLogicalName } from 'cosem/protocol';
import { type Certificate, candidate, enrol, nameOf, type PkiFolder, useName } from '../src/index.js';
import { folderThere, passphraseOf, titleOf, validityOf } from './given.js';
import { withinAuthority } from './make.js';
import { inEach, told } from './words.js';

/** `cosem pki enrol` */
export async function enrolMeter(run: Run): Promise<void> {
  const { options, io, output } = run;
  const language = languageOf(io);
  // What is wrong with what was given is said before the meter is opened.
  const folder = folderThere(run);
  const authority = folder.authority(passphraseOf(run));
  const before = [...linksFor(folder, authority.certificate), ...readersOf(run, folder)];
  const validity = withinAuthority(validityOf(run), authority.certificate);
  const uses = [...new Set(options.use as readonly KeyUse[])];
  const setup = typeof options.setup === 'string' ? parseLogicalName(options.setup) : undefined;
  mustBeAskable(run);
  await withMeter(run, async ({ meter }) => {
    const asked = await candidate(meter, setup);
    const title = toHex(asked.systemTitle);
    const named = uses.map((use) => useName(use, language)).join(', ');
    const question = told(language, 'enrol-question', title, named, asked.setup);
    const agreed = await confirm(run, question, told(language, 'enrol-warning'));
    const done = agreed
      ? await enrol(meter, crypto, {
          ...{ ...validity, candidate: asked, authority, before, uses },
          onStep: (step, use) => {
            const of = use === undefined ? '' : useName(use, language);
            output.progress(step === 'before' ? told(language, 'step-before') : told(language, `step-${step}`, of));
          },
        })
      : [];
    output.endProgress();
    const certificates = done.map(({ use, certificate }) => {
      const file = folder.addCertificate('certificates', nameOf(asked.systemTitle, use), certificate);
      output.text(told(language, 'enrolled', title, useName(use, language), file));
      return { use, serialNumber: toHex(certificate.serialNumber), file };
    });
    output.document({
      ...{ command: 'pki', action: 'enrol', systemTitle: title, setup: asked.setup, curve: asked.curve },
      ...{ ...doneIn(run, agreed), certificates },
    });
  });
}

/** The issuer's certificate, unless it is an anchor itself: meters have their anchors, and take none. */
function linksFor(folder: PkiFolder, issuer: Certificate): Certificate[] {
  const anchored = folder.anchors.some((octets) => toHex(octets) === toHex(issuer.octets));
  return anchored ? [] : [issuer];
}

/** Certificates of the clients that `--reader` names. @throws UsageError where the folder has none of one. */
function readersOf({ options }: Run, folder: PkiFolder): Certificate[] {
  const all = folder.certificates('certificates').map(({ certificate }) => certificate);
  return ((options.reader as readonly string[] | undefined) ?? []).flatMap((text) => {
    const title = toHex(titleOf(text));
    const found = all.filter(({ systemTitle }) => systemTitle !== undefined && toHex(systemTitle) === title);
    if (found.length > 0) return found;
    throw new UsageError(inEach('no-reader', title, folder.path), inEach('no-reader-try'));
  });
}
