import type { Storage } from '../../storage/storage.ts'

/** A text for each user that any page may read. */
export class UserData {
  readonly #storage: Storage
  readonly #devId: number

  constructor(storage: Storage, devId: number) {
    this.#storage = storage
    this.#devId = devId
  }

  /** The texts of `userIds`, or of everybody; users without one are left out. */
  async get(userIds?: readonly number[]): Promise<Map<number, string>> {
    const rows = await this.#storage.get('users_data', this.#devId, userIds?.map(String))
    return new Map([...rows].map(([id, data]) => [Number(id), data]))
  }

  set(userId: number, data: string): Promise<void> {
    return this.#storage.set('users_data', this.#devId, String(userId), data)
  }

  /** Resolves to how many of them had one. */
  delete(userIds: readonly number[]): Promise<number> {
    return this.#storage.delete('users_data', this.#devId, userIds.map(String))
  }
}
