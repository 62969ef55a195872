const fs = require('fs'),
  crypto = require('crypto')
const e = process.env
const X = {
  H: e.CQ_HOST,
  P: +e.CQ_PORT,
  U: e.CQ_USER,
  W: e.CQ_PASS,
  DB: e.CQ_DB,
  TAG: e.CQ_TAG,
  ID: +e.CQ_ID,
  N: +e.CQ_N,
  T: fs.readFileSync(e.CQ_TRICKY, 'utf8'),
  C: fs.readFileSync(e.CQ_CTRL, 'utf8'),
  BIG: fs.readFileSync(e.CQ_BIG, 'utf8'),
}
const s = (x) => {
  try {
    return typeof x === 'string' ? x : JSON.stringify(x, (k, v) => (typeof v === 'bigint' ? String(v) : v))
  } catch {
    return String(x)
  }
}
X.ok = (n, c, d = '') => {
  console.log(c ? 'ok ' + n : `not ok ${n} # ${(s(d) || '').replace(/\n/g, ' ').slice(0, 250)}`)
  return !!c
}
X.skip = (n, d) => console.log(`skip ${n} # ${d}`)
X.eq = (n, w, g) =>
  X.ok(n, s(w) === s(g), `want ${(s(w) || 'undefined').slice(0, 90)} got ${(s(g) || 'undefined').slice(0, 120)}`)
X.tr = async (n, f) => {
  try {
    return await f()
  } catch (x) {
    X.ok(n, false, `${x && x.name} ${x && x.code} ${x && x.message}`)
  }
}
X.code = (n, c, env) => {
  const w = e[env]
  return X.ok(n, typeof c === 'number' && c > 0 && (!w || +w === c), `code=${c} expected ${w || 'non-zero'}`)
}
X.md5 = (t) =>
  crypto
    .createHash('md5')
    .update(t ?? '')
    .digest('hex')
X.errOf = async (f) => {
  try {
    await f()
  } catch (x) {
    return x
  }
  return {}
}
X.run = (f) =>
  f().then(
    () => {
      console.log('done')
      process.exit(0)
    },
    (x) => {
      console.log(
        'not ok uncaught # ' +
          String((x && x.stack) || x)
            .replace(/\n/g, ' ')
            .slice(0, 300),
      )
      process.exit(1)
    },
  )
process.on('uncaughtException', (x) =>
  console.log(
    'not ok uncaughtException # ' +
      String((x && x.stack) || x)
        .replace(/\n/g, ' ')
        .slice(0, 300),
  ),
)
module.exports = X
