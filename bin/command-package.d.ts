/** What every package exports from its entry `commands`. The build of `cosem` knows of these packages no more than this. */
import type { Commands, Support } from './packages.js';

export declare const commands: Commands;
export declare const support: Support | undefined;
