/** The files of a portable folder that people open: start scripts for the systems, and checksums. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The list of checksums in a portable folder, as `sha256sum --check` reads it. */
export const SUMS = 'SHA256SUMS';

const POSIX_HEAD = `#!/bin/sh
# Works from any folder, also through a link.
here=$0
while [ -h "$here" ]; do
  link=$(readlink "$here")
  case $link in
    /*) here=$link ;;
    *) here=\${here%/*}/$link ;;
  esac
done
case $here in
  */*) here=\${here%/*} ;;
  *) here=. ;;
esac
here=$(CDPATH= cd -- "$here" && pwd -P) || exit
`;

/** The command. The log is kept where the counters are, unless COSEM_LOG says otherwise; empty switches it off. */
const POSIX_COSEM = `${POSIX_HEAD}
state=\${XDG_STATE_HOME:-\${HOME:+$HOME/.local/state}}
if [ -z "\${COSEM_LOG+set}" ] && [ -n "$state" ] && { [ -d "$state/cosem" ] || mkdir -p "$state/cosem" 2>/dev/null; }; then
  COSEM_LOG=$state/cosem/cosem.log
  export COSEM_LOG
fi
exec "$here/runtime/node" "$here/app/node_modules/cosem/dist/bin/cosem.js" "$@"
`;

const posixDay = (command) => `${POSIX_HEAD}
folder=\${COSEM_FOLDER:-$HOME/cosem}
if [ ! -d "$folder/orders" ]; then
  echo "$folder: new folder · नया फ़ोल्डर"
  "$here/cosem" commission init "$folder" || exit
fi
COSEM_FOLDER=$folder
export COSEM_FOLDER
exec "$here/cosem" ${command} "$@"
`;

const WINDOWS_COSEM = `@echo off
setlocal
chcp 65001 >nul
if defined COSEM_LOG goto run
if not defined LOCALAPPDATA goto run
if not exist "%LOCALAPPDATA%\\cosem" mkdir "%LOCALAPPDATA%\\cosem"
set "COSEM_LOG=%LOCALAPPDATA%\\cosem\\cosem.log"
:run
"%~dp0runtime\\node.exe" "%~dp0app\\node_modules\\cosem\\dist\\bin\\cosem.js" %*
exit /b %errorlevel%
`;

const windowsDay = (command) => `@echo off
setlocal
chcp 65001 >nul
if not defined COSEM_FOLDER set "COSEM_FOLDER=%USERPROFILE%\\cosem"
if exist "%COSEM_FOLDER%\\orders" goto day
call "%~dp0cosem.cmd" commission init "%COSEM_FOLDER%"
if errorlevel 1 goto end
:day
call "%~dp0cosem.cmd" ${command} %*
:end
pause
`;

/**
 * The start scripts of a system by their names.
 * @param os `linux`, `darwin` or `win32`.
 * @param day the command that opens the day's list.
 */
export function startScripts(os, day) {
  if (os === 'win32') {
    const lines = (text) => text.replaceAll('\n', '\r\n');
    return { 'cosem.cmd': lines(WINDOWS_COSEM), 'cosem-day.cmd': lines(windowsDay(day)) };
  }
  // The Finder starts what ends in .command.
  return { cosem: POSIX_COSEM, [os === 'darwin' ? 'cosem-day.command' : 'cosem-day']: posixDay(day) };
}

/** Writes the checksums of all files of a folder into it. */
export function writeSums(folder) {
  const lines = filesIn(folder).map((name) => `${sumOf(folder, name)}  ${name}\n`);
  writeFileSync(join(folder, SUMS), lines.join(''));
}

/** What is wrong with a folder by its checksums: files that were changed, are missing, or came from elsewhere. */
export function faultsIn(folder) {
  const told = new Map(
    readFileSync(join(folder, SUMS), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  const names = filesIn(folder);
  const others = names.filter((name) => !told.has(name)).map((name) => `${name} does not belong here`);
  const missing = [...told.keys()].filter((name) => !names.includes(name)).map((name) => `${name} is missing`);
  const changed = names
    .filter((name) => told.has(name) && told.get(name) !== sumOf(folder, name))
    .map((name) => `${name} was changed`);
  return [...others, ...missing, ...changed];
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => name !== SUMS)
    .sort();
}

function sumOf(folder, name) {
  return createHash('sha256')
    .update(readFileSync(join(folder, name)))
    .digest('hex');
}
