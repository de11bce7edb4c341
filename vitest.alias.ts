import { resolve } from 'node:path';

const file = (path: string) => resolve(import.meta.dirname, path);

/** In tests every entry is its source, so that there is one copy of each class; tsconfig.json says the same to the compiler. */
export const alias = [
  { find: /^cosem$/, replacement: file('src/index.ts') },
  { find: /^cosem\/command$/, replacement: file('bin/index.ts') },
  { find: /^cosem\/scenario$/, replacement: file('simulator/scenario.ts') },
  { find: /^cosem\/simulator$/, replacement: file('simulator/index.ts') },
  { find: /^cosem\/(.+)$/, replacement: file('src/$1.ts') },
  { find: /^cosem-(\w+)$/, replacement: file('packages/$1/src/index.ts') },
  { find: /^cosem-(\w+)\/commands$/, replacement: file('packages/$1/bin/commands.ts') },
];
