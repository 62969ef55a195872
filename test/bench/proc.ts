// What Linux tells about a process (proc(5)).
import { readFileSync } from 'node:fs'

/** A tick of the kernel's accounting, in milliseconds: USER_HZ is 100 on all that Node runs on. */
const tickMs = 10

/** The processor time that a process has used with all its threads, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Behind the name, which may hold spaces: the 14th field is the time in user mode, the 15th that in the kernel.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** The memory of its own that a process has in RAM, in bytes: without files, which the system drops as it likes. */
export function ownMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  // Shared memory counts, too: in it nginx keeps what its workers would share.
  return (kilobytes(status, 'RssAnon') + kilobytes(status, 'RssShmem')) * 1024
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1])
}
