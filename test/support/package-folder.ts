import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { run } from './programs.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A user's folder, outside of the repository, in which `star-comet` and `linked` packages are installed; gone after the test. */
export async function packageFolder(t: TestContext, linked: readonly string[] = []): Promise<string> {
  const folder = await userFolder(t, linked)
  await symlink(root, join(folder, 'node_modules', 'star-comet'))
  return folder
}

/** The same with what users get: `star-comet` as it is packed. */
export async function packedFolder(t: TestContext, linked: readonly string[] = []): Promise<string> {
  const folder = await userFolder(t, linked)
  const target = join(folder, 'node_modules', 'star-comet')
  await mkdir(target)
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root)
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? ''
  await run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', target])
  return folder
}

async function userFolder(t: TestContext, linked: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-user-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  for (const name of linked) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  await mkdir(join(folder, 'node_modules'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}
