import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A user's folder, outside of the repository, in which `star-comet` and `linked` packages are installed; gone after the test. */
export async function packageFolder(t: TestContext, linked: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'star-comet-user-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'node_modules'))
  await symlink(root, join(folder, 'node_modules', 'star-comet'))
  for (const name of linked) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}
