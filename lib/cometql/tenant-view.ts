import type { Tenant } from '../core/tenant.ts'

/** How many messages each pipe keeps that has a setting. */
export interface PipeSettings {
  get(pipe: string): number | undefined
  has(pipe: string): boolean
  keys(): Iterable<string>
}

/** What the tables use of a tenant. A transaction offers the same, and keeps for itself what was changed until COMMIT. */
export interface TenantView extends Pick<Tenant, 'publish' | 'sendToUser' | 'audience' | 'pipeNames'> {
  readonly history: Pick<Tenant['history'], 'setKeep' | 'dropKeep' | 'read' | 'clear' | 'deleteMessage'> & {
    readonly settings: PipeSettings
  }
  readonly mailbox: Pick<Tenant['mailbox'], 'waiting' | 'clear'>
  readonly presence: Pick<Tenant['presence'], 'lastOnline' | 'onlineUserIds'>
  readonly credentials: Pick<
    Tenant['credentials'],
    'hashes' | 'setHash' | 'deleteHashes' | 'revoked' | 'revoke' | 'unrevoke'
  >
  readonly userData: Pick<Tenant['userData'], 'get' | 'set' | 'delete'>
}

/** A message as a history or a queue has it. */
export type KeptMessage = Awaited<ReturnType<TenantView['history']['read']>>[number]
