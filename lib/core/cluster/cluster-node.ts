import { randomUUID } from 'node:crypto'
import type { Broker, BrokerConnection } from '../../broker/broker.ts'
import type { Clock, Timer } from '../clock.ts'
import type { Logger } from '../host.ts'
import { decodeEnvelope, type Envelope, type NodeItem, type TenantItem, type TenantState } from './node-messages.ts'
import { NodeSender } from './node-sender.ts'

/** A node is dropped when it was not heard while as many of our own beats made their way. */
const beatsOfLease = 3

/** About as much of the state goes into one part, in sessions. */
const sessionsOfPart = 200

/** Who acts on what the nodes say. Its methods do not throw. */
export interface ClusterReceiver {
  /** All own sessions that have something to tell. */
  ownState(): TenantState[]
  /** Something that `node` said, which may be this one; in the order that all nodes see. */
  take(node: string, devId: number, item: TenantItem): void
  /** All sessions of another node. */
  takeState(node: string, tenants: readonly TenantState[]): void
  /** Another node has ended, or was silent for its lease: its sessions are no more. */
  gone(node: string): void
  /** Something was missed: what there is in the storage is to be looked at. */
  missed(): void
  /** Comes with every beat: to try again what failed. */
  beat(): void
  /** After the time in which others would have answered there is nobody else. */
  alone(): void
}

interface Peer {
  /** The last number heard. */
  seq: number
  /** How many own beats came back since it was heard. */
  silence: number
  /** Whether we know its sessions. */
  isInSync: boolean
  /** The parts of its state that came until now; undefined where the first of them did not. */
  parts: TenantState[] | undefined
}

/** This node among the others: who they are, whether they live, and what was missed of what they said. */
export class ClusterNode {
  readonly id: string = randomUUID()
  readonly #broker: Broker
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #beatMs: number
  readonly #peers = new Map<string, Peer>()
  #receiver: ClusterReceiver | undefined
  #connection: BrokerConnection | undefined
  #sender: NodeSender | undefined
  #timer: Timer | undefined
  /** The last own number that came back. */
  #returned = 0
  /** When the beat was sent that did not come back yet. */
  #beatSentAt: number | undefined
  #beats = 0
  /** Our state is on its way: who asked before it comes gets it. */
  #isTellingState = false
  #isWarned = false

  /** `leaseMs`: a node that is silent for longer is dropped, in milliseconds. */
  constructor(broker: Broker, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }, leaseMs: number) {
    this.#broker = broker
    this.#clock = clock
    this.#logger = logger
    this.#beatMs = leaseMs / beatsOfLease
  }

  /** Joins the others. @throws CometError COMET_ERR_BROKER, or what the broker says */
  async start(receiver: ClusterReceiver): Promise<void> {
    this.#receiver = receiver
    this.#connection = await this.#broker.connect({
      message: (text) => this.#read(text),
      gap: () => this.#askAll(),
    })
    this.#sender = new NodeSender(this.id, this.#connection)
    this.#tellState()
    this.tell({ kind: 'ask' })
    this.#timer = this.#scheduleBeat()
  }

  /** Whether we waited long enough for others to answer, and there are none. */
  get isAlone(): boolean {
    return this.#beats >= beatsOfLease && this.#peers.size === 0
  }

  /** Whether there are others. */
  get hasPeers(): boolean {
    return this.#peers.size > 0
  }

  /** Says it to all nodes, this one included; if that fails, they find out that they missed something. `size`: characters. */
  tell(item: NodeItem, size?: number): void {
    this.#sender?.tell(item, size)
  }

  /** The same; resolves when it is on its way. @throws CometError COMET_ERR_BROKER */
  async publish(item: NodeItem, size?: number): Promise<void> {
    await this.#sender?.publish(item, size)
  }

  /** What is known of the others is not right: they are asked again, with the next beat. */
  forgetStates(): void {
    for (const peer of this.#peers.values()) forgetState(peer)
  }

  /** Says goodbye, so that nobody waits for the end of the lease. */
  async close(): Promise<void> {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.tell({ kind: 'bye' })
    await this.#sender?.drained()
    await this.#connection?.close()
    this.#receiver = undefined
  }

  #read(text: string): void {
    const envelope = decodeEnvelope(text)
    if (envelope === undefined) this.#warn()
    else if (envelope.node === this.id) this.#readOwn(envelope)
    else this.#readOther(envelope)
  }

  #readOwn({ seq, items }: Envelope): void {
    if (seq <= this.#returned) return // sent twice by a driver that had lost its connection
    if (seq > this.#returned + 1) {
      this.#isTellingState = false
      this.#receiver?.missed()
    }
    this.#returned = seq
    for (const item of items) {
      if (item.kind === 'beat') this.#beatReturned()
      else if (item.kind === 'state') this.#isTellingState &&= !item.isLast
      else if ('devId' in item && !isPresence(item)) this.#receiver?.take(this.id, item.devId, item)
    }
  }

  #readOther({ node, seq, items }: Envelope): void {
    let peer = this.#peers.get(node)
    if (peer === undefined) {
      // From its first word on nothing can be missing.
      peer = { seq: 0, silence: 0, isInSync: seq === 1, parts: undefined }
      this.#peers.set(node, peer)
    }
    if (seq <= peer.seq) return
    const isGap = seq > peer.seq + 1
    peer.seq = seq
    peer.silence = 0
    if (isGap) this.#missedOf(node, peer)
    for (const item of items) this.#obey(node, peer, item)
  }

  #obey(node: string, peer: Peer, item: NodeItem): void {
    switch (item.kind) {
      case 'beat':
        return
      case 'bye':
        this.#drop(node)
        return
      case 'ask':
        if (item.node === undefined || item.node === this.id) this.#tellState()
        return
      case 'state':
        this.#takeState(node, peer, item)
        return
      default:
        // What came before the state is in it.
        if (peer.isInSync || !isPresence(item)) this.#receiver?.take(node, item.devId, item)
    }
  }

  #takeState(node: string, peer: Peer, { tenants, isFirst, isLast }: NodeItem & { readonly kind: 'state' }): void {
    if (isFirst) peer.parts = []
    peer.parts?.push(...tenants)
    if (!isLast) return
    const state = peer.parts
    peer.parts = undefined
    if (state === undefined || peer.isInSync) return
    peer.isInSync = true
    this.#receiver?.takeState(node, state)
  }

  #missedOf(node: string, peer: Peer): void {
    forgetState(peer)
    this.tell({ kind: 'ask', node })
    this.#receiver?.missed()
  }

  /** The connection to the engine was lost: nobody knows what was said meanwhile. */
  #askAll(): void {
    this.#beatSentAt = undefined
    this.#isTellingState = false
    for (const peer of this.#peers.values()) forgetState(peer)
    this.#tellState()
    this.tell({ kind: 'ask' })
    this.#receiver?.missed()
  }

  #drop(node: string): void {
    if (!this.#peers.delete(node)) return
    this.#receiver?.gone(node)
    this.#receiver?.missed() // what it had stored and not told any more
  }

  #tellState(): void {
    if (this.#isTellingState) return
    this.#isTellingState = true
    const parts = partsOf(this.#receiver?.ownState() ?? [])
    for (const [index, tenants] of parts.entries()) {
      const isLast = index === parts.length - 1
      const item: NodeItem = { kind: 'state', tenants, isFirst: index === 0, isLast }
      const size = tenants.reduce((sum, { sessions }) => sum + sizeOf(sessions), 0)
      // Where the last part does not come, who asked asks again.
      if (isLast) this.publish(item, size).catch(() => (this.#isTellingState = false))
      else this.tell(item, size)
    }
  }

  #scheduleBeat(): Timer {
    return this.#clock.setTimeout(() => {
      this.#timer = this.#scheduleBeat()
      this.#receiver?.beat()
      const now = this.#clock.now()
      // One at a time: after a pause of the engine, a bunch of ours must not pass for the lease of all others.
      if (this.#beatSentAt !== undefined && now - this.#beatSentAt < this.#beatMs * beatsOfLease) return
      this.#beatSentAt = now
      this.publish({ kind: 'beat' }).catch(() => (this.#beatSentAt = undefined))
    }, this.#beatMs)
  }

  /** Only while our own words make their way, the silence of the others means something. */
  #beatReturned(): void {
    this.#beatSentAt = undefined
    this.#beats++
    for (const [node, peer] of this.#peers) {
      peer.silence++
      if (peer.silence >= beatsOfLease) this.#drop(node)
      else if (!peer.isInSync) this.tell({ kind: 'ask', node })
    }
    if (this.#beats === beatsOfLease && this.#peers.size === 0) this.#receiver?.alone()
  }

  #warn(): void {
    if (this.#isWarned) return
    this.#isWarned = true
    this.#logger.warn(
      'Something else, or another version of star-comet, uses the channel of the broker: give each its own',
    )
  }
}

/** What is coming of its state, too: a part of it may be what was missed. */
function forgetState(peer: Peer): void {
  peer.isInSync = false
  peer.parts = undefined
}

function isPresence({ kind }: TenantItem): boolean {
  return kind === 'enter' || kind === 'user' || kind === 'join' || kind === 'part'
}

/** At least one part, so that who asked gets an answer. */
function partsOf(state: readonly TenantState[]): TenantState[][] {
  const parts: TenantState[][] = [[]]
  let count = 0
  for (const { devId, sessions } of state) {
    for (let from = 0; from < sessions.length; from += sessionsOfPart) {
      const some = sessions.slice(from, from + sessionsOfPart)
      if (count > 0 && count + some.length > sessionsOfPart) {
        parts.push([])
        count = 0
      }
      parts.at(-1)?.push({ devId, sessions: some })
      count += some.length
    }
  }
  return parts
}

function sizeOf(sessions: TenantState['sessions']): number {
  return sessions.reduce((sum, { pipes }) => sum + 300 + pipes.length * 30, 0)
}
