/** The APPL suite of the DLMS conformance test against a bare server: three associations as they were declared there, and no meter behind. */
import { applThemes } from './appl-themes.js';
import { Bench } from './bench.js';

applThemes(() => new Bench());
