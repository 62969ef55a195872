/**
 * Whether a page of `origin` may connect. `own` is the origin that the request itself was sent to, for example
 * `https://example.com`; undefined where it named no host.
 * `allowed`: exact origins (`https://example.com`), origins with a wildcard for sub-domains (`https://*.example.com`),
 * `same-origin`, or `*` for everybody. Programs send no Origin and are let in: nobody can make a browser omit it.
 */
export function isOriginAllowed(
  origin: string | undefined,
  own: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || origin === '') return true
  return allowed.some((rule) => matches(origin.toLowerCase(), rule.toLowerCase(), own?.toLowerCase()))
}

function matches(origin: string, rule: string, own: string | undefined): boolean {
  if (rule === '*' || rule === origin) return true
  if (rule === 'same-origin') return origin === own
  const star = rule.indexOf('*.')
  if (star === -1) return false
  const scheme = rule.slice(0, star)
  const domain = rule.slice(star + 1)
  return origin.startsWith(scheme) && origin.endsWith(domain) && origin.length > scheme.length + domain.length
}
