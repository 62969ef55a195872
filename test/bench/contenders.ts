import { missingFile, missingPeer, missingProgram, nchanModule } from './installed.ts'
import type { Subscribing } from './messages.ts'
import { loadCpu, serverCpu } from './processes.ts'

/** A server to measure: how it is started, and how one subscribes to it. */
export interface Contender {
  readonly name: string
  /** What stands for it in the table. */
  readonly title: string
  readonly file: string
  /** What `file` is called with. */
  readonly args?: readonly string[]
  /** Where `file` runs: what only starts another program leaves the server's processor to that. */
  readonly cpu: number
  /** How one subscribes to pipe 0. */
  readonly one: Subscribing
  /** How the subscriber of each number subscribes to the pipe of its number; undefined where it has no pipes. */
  readonly each?: Subscribing
  /** How long to wait before counting, in milliseconds: for what it sends by itself to those who are new. */
  readonly settleMs?: number
  /** How to install what is missing; undefined when nothing is. */
  readonly missing: string | undefined
}

const isReady = (path: string): Subscribing => ({ path, steps: [{ expect: '\r\n\r\n' }] })

/** How one subscribes to star-comet: the last answer tells that the subscription before is done. */
export function starComet(pipe: string, userId = ''): Subscribing {
  return {
    path: `/ws/sesion=&myid=${userId}&devid=0&v=4.0&uuid=&api=js`,
    steps: [
      { expect: 'serverInfo', say: [`subscription\n${pipe}`, 'pipe_count\nweb_bench\nready'] },
      { expect: '"marker":"ready"' },
    ],
  }
}

const ioSteps = [{ expect: '\r\n\r\n' }, { expect: '"sid"', say: ['40'] }, { expect: '["ready"]' }]
const io = (pipe: string): Subscribing => ({
  path: `/socket.io/?EIO=4&transport=websocket&pipe=${pipe}`,
  steps: ioSteps,
})
const natsSteps = (pipe: string): Subscribing => ({
  steps: [
    { expect: '\r\n', say: [`CONNECT {"verbose":false,"pedantic":false}\r\nSUB bench${pipe} 1\r\nPING\r\n`] },
    { expect: 'PONG\r\n' },
  ],
})

const installNchan = 'apt-get install nginx-light libnginx-mod-nchan'

export const contenders: readonly Contender[] = [
  {
    name: 'star-comet',
    title: '**star-comet**',
    file: './servers/star-comet.ts',
    cpu: serverCpu,
    one: starComet('bench0'),
    each: starComet('bench#'),
    missing: undefined,
  },
  {
    name: 'ungathered',
    title: 'star-comet, `maxGatherMs: 0`',
    file: './servers/star-comet.ts',
    args: ['0'],
    cpu: serverCpu,
    one: starComet('bench0'),
    each: starComet('bench#'),
    missing: undefined,
  },
  {
    name: 'ws',
    title: '`ws`, plain loop',
    file: './servers/ws.ts',
    cpu: serverCpu,
    one: isReady('/0'),
    each: isReady('/#'),
    missing: undefined,
  },
  {
    name: 'socket.io',
    title: 'socket.io',
    file: './peers/socket-io.ts',
    cpu: serverCpu,
    one: io('0'),
    each: io('#'),
    missing: missingPeer('socket.io'),
  },
  {
    name: 'uws',
    title: 'uWebSockets.js (C++)',
    file: './peers/uws.ts',
    cpu: serverCpu,
    one: isReady('/0'),
    each: isReady('/#'),
    missing: missingPeer('@trufflesuite/uws-js-unofficial'),
  },
  {
    name: 'nats',
    title: 'nats-server (Go), over TCP',
    file: './servers/nats.ts',
    cpu: loadCpu,
    one: natsSteps('0'),
    each: natsSteps('#'),
    settleMs: 1500, // each gets a first ping after a second and a bit
    missing: missingProgram('nats-server', 'apt-get install nats-server'),
  },
  {
    name: 'nchan',
    title: 'nchan (nginx)',
    file: './servers/nchan.ts',
    cpu: loadCpu,
    one: isReady('/sub/0'),
    each: isReady('/sub/#'),
    missing: missingProgram('nginx', installNchan) ?? missingFile(nchanModule, installNchan),
  },
  {
    name: 'floor',
    title: 'C loop that only writes',
    file: './servers/floor.ts',
    cpu: loadCpu,
    one: isReady('/'),
    each: isReady('/'), // it gives them out by itself
    missing: missingProgram('gcc', 'apt-get install gcc libc6-dev'),
  },
]

/** @throws Error that names those there are */
export function contender(name: string): Contender {
  const found = contenders.find((one) => one.name === name)
  if (found === undefined) {
    throw new Error(`There is no server "${name}"; there are ${contenders.map((one) => one.name).join(', ')}`)
  }
  return found
}
