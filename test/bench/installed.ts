import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { programPath } from '../support/programs.ts'

/** How to install a program, as `install` says; undefined where it is installed. */
export function missingProgram(name: string, install: string): string | undefined {
  return programPath(name) === undefined ? install : undefined
}

/** Where Debian puts nchan, a module of nginx. */
export const nchanModule = '/usr/lib/nginx/modules/ngx_nchan_module.so'

/** How to install a file, as `install` says; undefined where it is there. */
export function missingFile(path: string, install: string): string | undefined {
  return existsSync(path) ? undefined : install
}

/** How to install a package of the folder `peers`; undefined where it is installed. */
export function missingPeer(name: string): string | undefined {
  const file = fileURLToPath(new URL(`./peers/node_modules/${name}/package.json`, import.meta.url))
  return existsSync(file) ? undefined : 'npm install --prefix test/bench/peers'
}
