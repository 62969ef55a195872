use std::{
    env,
    ffi::{c_void, CStr, CString},
    os::raw::*,
    ptr::null_mut,
};
#[link(name = "mariadb")]
extern "C" {
    fn mysql_init(m: *mut c_void) -> *mut c_void;
    fn mysql_options(m: *mut c_void, o: c_int, a: *const c_void) -> c_int;
    fn mysql_real_connect(
        m: *mut c_void,
        h: *const c_char,
        u: *const c_char,
        p: *const c_char,
        d: *const c_char,
        port: c_uint,
        s: *const c_char,
        f: c_ulong,
    ) -> *mut c_void;
    fn mysql_close(m: *mut c_void);
    fn mysql_errno(m: *mut c_void) -> c_uint;
    fn mysql_error(m: *mut c_void) -> *const c_char;
    fn mysql_real_query(m: *mut c_void, q: *const c_char, l: c_ulong) -> c_int;
    fn mysql_store_result(m: *mut c_void) -> *mut c_void;
    fn mysql_num_rows(r: *mut c_void) -> u64;
    fn mysql_num_fields(r: *mut c_void) -> c_uint;
    fn mysql_fetch_row(r: *mut c_void) -> *const *const c_char;
    fn mysql_fetch_lengths(r: *mut c_void) -> *const c_ulong;
    fn mysql_free_result(r: *mut c_void);
    fn mysql_affected_rows(m: *mut c_void) -> u64;
    fn mysql_real_escape_string(m: *mut c_void, t: *mut c_char, f: *const c_char, l: c_ulong) -> c_ulong;
    fn mysql_ping(m: *mut c_void) -> c_int;
    fn mysql_get_server_info(m: *mut c_void) -> *const c_char;
}
fn e(k: &str) -> String {
    env::var(k).unwrap_or_default()
}
fn ok(n: &str, c: bool, d: &str) {
    if c {
        println!("ok {}", n)
    } else {
        println!(
            "not ok {} # {}",
            n,
            d.replace('\n', " ").chars().take(250).collect::<String>()
        )
    }
}
struct C(*mut c_void);
impl C {
    fn open(pw: &str) -> Result<C, u32> {
        unsafe {
            let m = mysql_init(null_mut());
            let cs = CString::new("utf8mb4").unwrap();
            mysql_options(m, 7, cs.as_ptr() as *const c_void);
            let t: c_uint = 8;
            mysql_options(m, 0, &t as *const _ as *const c_void);
            let s = |x: &str| CString::new(x).unwrap();
            let (h, u, p, d) = (s(&e("CQ_HOST")), s(&e("CQ_USER")), s(pw), s(&e("CQ_DB")));
            if mysql_real_connect(
                m,
                h.as_ptr(),
                u.as_ptr(),
                p.as_ptr(),
                d.as_ptr(),
                e("CQ_PORT").parse().unwrap(),
                std::ptr::null(),
                0,
            )
            .is_null()
            {
                let c = mysql_errno(m);
                mysql_close(m);
                return Err(c);
            }
            Ok(C(m))
        }
    }
    fn q(&self, s: &[u8]) -> Result<Vec<Vec<Option<Vec<u8>>>>, u32> {
        unsafe {
            if mysql_real_query(self.0, s.as_ptr() as *const c_char, s.len() as c_ulong) != 0 {
                return Err(mysql_errno(self.0));
            }
            let r = mysql_store_result(self.0);
            let mut v = vec![];
            if !r.is_null() {
                let n = mysql_num_fields(r) as usize;
                loop {
                    let w = mysql_fetch_row(r);
                    if w.is_null() {
                        break;
                    }
                    let l = mysql_fetch_lengths(r);
                    v.push(
                        (0..n)
                            .map(|i| {
                                let p = *w.add(i);
                                if p.is_null() {
                                    None
                                } else {
                                    Some(std::slice::from_raw_parts(p as *const u8, *l.add(i) as usize).to_vec())
                                }
                            })
                            .collect(),
                    )
                }
                mysql_free_result(r)
            }
            Ok(v)
        }
    }
    fn s(&self, s: &str) -> Result<Vec<Vec<Option<Vec<u8>>>>, u32> {
        self.q(s.as_bytes())
    }
    fn esc(&self, b: &[u8]) -> Vec<u8> {
        let mut o = vec![0u8; b.len() * 2 + 1];
        let l = unsafe {
            mysql_real_escape_string(
                self.0,
                o.as_mut_ptr() as *mut c_char,
                b.as_ptr() as *const c_char,
                b.len() as c_ulong,
            )
        };
        o.truncate(l as usize);
        o
    }
    fn aff(&self) -> u64 {
        unsafe { mysql_affected_rows(self.0) }
    }
}
impl Drop for C {
    fn drop(&mut self) {
        unsafe { mysql_close(self.0) }
    }
}
fn code(n: &str, r: Result<Vec<Vec<Option<Vec<u8>>>>, u32>, env_: &str) {
    let x = e(env_);
    let c = r.err().unwrap_or(0);
    ok(
        n,
        c > 0 && (x.is_empty() || x == c.to_string()),
        &format!("code={} expected {}", c, x),
    )
}
fn main() {
    let (tag, id) = (e("CQ_TAG"), e("CQ_ID"));
    let n: usize = e("CQ_N").parse().unwrap();
    let t = std::fs::read(e("CQ_TRICKY")).unwrap();
    let big = std::fs::read(e("CQ_BIG")).unwrap();
    let c = match C::open(&e("CQ_PASS")) {
        Ok(c) => c,
        Err(x) => {
            ok("connect", false, &x.to_string());
            return;
        }
    };
    ok("connect", true, "");
    ok(
        "server_info",
        unsafe { !CStr::from_ptr(mysql_get_server_info(c.0)).to_bytes().is_empty() },
        "",
    );
    for (k, v) in [("e", &t), ("b", &big)] {
        let _ = c.s(&format!(
            "INSERT INTO pipes_settings (name, length) VALUES ('{}_{}', 10)",
            tag, k
        ));
        let mut s = format!(
            "INSERT INTO pipes_messages (name, event, message) VALUES ('{}_{}', 'ev', '",
            tag, k
        )
        .into_bytes();
        s.extend(c.esc(v));
        s.extend(b"')");
        let r = c.q(&s);
        ok(
            &format!("ins_{}", k),
            r.is_ok() && c.aff() == 1,
            &format!("{:?}", r.err()),
        );
        let r = c
            .s(&format!(
                "SELECT message FROM pipes_messages WHERE name = '{}_{}'",
                tag, k
            ))
            .unwrap_or_default();
        ok(
            &format!("rt_{}", k),
            r.len() == 1 && r[0][0].as_ref() == Some(v),
            "differs",
        )
    }
    ok(
        "auth_ins",
        c.s(&format!("INSERT INTO users_auth (id, hash) VALUES ({}, 'h')", id))
            .is_ok(),
        "",
    );
    let r = c
        .s(&format!("SELECT * FROM users_auth WHERE id = {}", id))
        .unwrap_or_default();
    ok(
        "auth_sel",
        r == vec![vec![Some(id.clone().into_bytes()), Some(b"h".to_vec())]],
        &format!("{:?}", r),
    );
    ok(
        "time_in",
        c.s("select * from users_time where id in (2,3,145)").is_ok(),
        "",
    );
    ok(
        "pipes_in",
        c.s("select * from pipes where name in ('a','b')").is_ok(),
        "",
    );
    code("err_table", c.s("SELECT * FROM no_such_table"), "EXPECT_NOTABLE");
    code("err_syntax", c.s("SELEKT x"), "EXPECT_SYNTAX");
    ok("err_usable", c.s("select * from users_time where id = 2").is_ok(), "");
    ok("ping", unsafe { mysql_ping(c.0) } == 0, "");
    ok(
        "many",
        (0..n).all(|i| {
            c.s(&format!(
                "INSERT INTO pipes_messages (name, event, message) VALUES ('{}_m', 'ev', 'm{}')",
                tag, i
            ))
            .is_ok()
        }),
        "",
    );
    let _ = c.s(&format!("DELETE FROM pipes_messages WHERE name = '{}_m'", tag));
    let _ = c.s(&format!("DELETE FROM users_auth WHERE id = {}", id));
    ok("del_affected", c.aff() == 1, "");
    for k in ["e", "b"] {
        let _ = c.s(&format!("DELETE FROM pipes_messages WHERE name = '{}_{}'", tag, k));
        let _ = c.s(&format!("DELETE FROM pipes_settings WHERE name = '{}_{}'", tag, k));
    }
    let w = C::open(&(e("CQ_PASS") + "x"));
    let k = w.err().unwrap_or(0);
    code("wrong_password", Err(k), "EXPECT_AUTH");
    println!("done")
}
