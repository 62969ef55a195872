import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** How the client proves that it knows the password, without sending it. */
export type AuthPlugin = 'mysql_native_password' | 'caching_sha2_password'

const saltBytes = 20

/** 20 random bytes, none of them zero: on the wire a zero ends the salt. */
export function createSalt(): Buffer {
  const salt = randomBytes(saltBytes)
  for (let index = 0; index < saltBytes; index++) {
    while (salt[index] === 0) salt[index] = randomBytes(1).readUInt8()
  }
  return salt
}

/**
 * The plugin that a login is done with, given the one that the client named. A client of caching_sha2_password keeps it,
 * since the newest ones know no other; everybody else knows mysql_native_password.
 */
export function choosePlugin(named: string | undefined): AuthPlugin {
  return named === 'caching_sha2_password' ? named : 'mysql_native_password'
}

/**
 * Whether `response` is what a client computes from the password `plain` and `salt`; in constant time. The password is
 * known in clear, so the full exchange of caching_sha2_password (TLS or RSA) is never needed.
 */
export function checkResponse(plugin: AuthPlugin, response: Buffer, plain: string, salt: Buffer): boolean {
  const expected = plugin === 'caching_sha2_password' ? sha2Response(plain, salt) : nativeResponse(plain, salt)
  // An empty response is what clients send for an empty password; it has no length in common with a right one.
  return plain !== '' && response.length === expected.length && timingSafeEqual(response, expected)
}

/** SHA1(password) XOR SHA1(salt + SHA1(SHA1(password))) (MySQL internals: "Secure Password Authentication"). */
export function nativeResponse(plain: string, salt: Buffer): Buffer {
  const stage1 = digest('sha1', Buffer.from(plain))
  return xor(stage1, digest('sha1', salt, digest('sha1', stage1)))
}

/** SHA256(password) XOR SHA256(SHA256(SHA256(password)) + salt) (MySQL internals: "Caching SHA-2 Authentication"). */
export function sha2Response(plain: string, salt: Buffer): Buffer {
  const stage1 = digest('sha256', Buffer.from(plain))
  return xor(stage1, digest('sha256', digest('sha256', stage1), salt))
}

function digest(algorithm: 'sha1' | 'sha256', ...parts: Buffer[]): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)))
}
