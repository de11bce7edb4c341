import { AccessError, AssociationError, CosemError, LinkError, SecurityError, UncertainError } from '../base/errors.js';

/**
 * What an error is, in codes alone, for those who do not read English: `link no-answer`, `access read-write-denied 3:1.0.1.8.0.255:2`. The
 * codes are those of the properties of the error, and of its causes where it has none of its own.
 */
export function errorCodes(error: unknown): string {
  if (!(error instanceof CosemError)) return systemCode(error) ?? 'internal';
  const own = [error.code, ...detailsOf(error)].join(' ');
  const { cause } = error;
  const beneath = cause instanceof CosemError ? errorCodes(cause) : systemCode(cause);
  return beneath === undefined || beneath === own ? own : `${own} ${beneath}`;
}

function detailsOf(error: CosemError): readonly string[] {
  if (error instanceof AccessError) return [error.result, error.target];
  if (error instanceof UncertainError) return [error.target];
  if (error instanceof LinkError || error instanceof SecurityError) return [error.reason];
  if (error instanceof AssociationError && error.diagnostic !== undefined) return [error.diagnostic];
  return [];
}

/** Of an error of the operating system: `ENOENT`. */
function systemCode(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
