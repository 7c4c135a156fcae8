//! A generator of WordPress logs: seeded, any size, with secrets whose place and value are known. Used by the tests
//! and, by path, by the benches. All values are drawn here; none is real.
#![allow(dead_code)] // the tests and the benches each use a part

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Literals for the plain search that the benches compare with.
pub const LITERALS: &[&str] = &[
    "password",
    "token",
    "secret",
    "Authorization",
    "Cookie",
    "sk-",
    "ghp_",
    "AKIA",
    "xoxb",
    "@",
    "://",
    "-----BEGIN",
];

/// A small generator of pseudo-random numbers (xorshift64*), so that a seed means the same everywhere.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    pub fn chars(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    pub fn hex(&mut self, count: usize) -> String {
        self.chars(b"0123456789abcdef", count)
    }

    pub fn alnum(&mut self, count: usize) -> String {
        self.chars(b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", count)
    }

    pub fn digits(&mut self, count: usize) -> String {
        self.chars(b"0123456789", count)
    }
}

const WORDS: &[&str] = &[
    "checkout", "order", "payment", "cart", "plugin", "theme", "update", "hook", "filter", "action", "widget",
    "gateway", "refund", "stock", "coupon", "template", "query", "cache", "object", "product", "price", "workflow",
    "watcher", "playbook", "panel",
];

/// Logs of about `size` bytes in which `percent` of the records carry a secret.
pub fn generate(seed: u64, size: usize, percent: usize) -> Vec<u8> {
    let mut draw = Draw::new(seed);
    let mut out = String::with_capacity(size + 1024);
    while out.len() < size {
        if draw.below(100) < percent {
            let (line, _) = with_secret(&mut draw);
            out.push_str(&line);
        } else {
            out.push_str(&clean(&mut draw));
        }
        out.push('\n');
    }
    out.into_bytes()
}

/// The same without line ends.
pub fn one_line(seed: u64, size: usize) -> Vec<u8> {
    let mut bytes = generate(seed, size, 5);
    bytes.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    bytes
}

/// Digits, dots, colons and at signs: everything that looks like the beginning of a number or an address.
pub fn hostile_digits(size: usize) -> Vec<u8> {
    let mut draw = Draw::new(11);
    let mut out = String::with_capacity(size + 64);
    while out.len() < size {
        match draw.below(5) {
            0 => out.push_str("4111 1111 1111 1112 "),
            1 => out.push_str("1.2.3.4.5.6 "),
            2 => out.push_str("12:34:56:78:9a "),
            3 => out.push_str("a@b@c@ "),
            _ => out.push_str("+1 2 3 4 5 "),
        }
    }
    out.into_bytes()
}

/// Letters and digits without end.
pub fn hostile_base64(seed: u64, size: usize) -> Vec<u8> {
    let mut draw = Draw::new(seed);
    let block = draw.alnum(8192);
    block.as_bytes().iter().copied().cycle().take(size).collect()
}

/// A log in base64, line by line.
pub fn hostile_encoded(seed: u64, size: usize) -> Vec<u8> {
    let plain = generate(seed, 64 * 1024, 5);
    let lines = plain.split(|byte| *byte == b'\n').map(|line| STANDARD.encode(line) + "\n");
    let block = lines.collect::<String>().into_bytes();
    block.repeat(size / block.len() + 1)
}

/// Rows that wake up one part of the engine at every step, each with a name.
pub const HOSTILE: &[(&str, &[u8])] = &[
    ("keys without values", b"password=token=secret:api_key=\""),
    ("keys and open quotes", b"password='"),
    ("keys in keys", b"api_key="),
    ("beginnings of tokens", b"-eyJ"),
    ("keys and line ends", b"password: \n"),
    ("escapes", br#"\\\"\/\u0040%40&amp;=3D"#),
];

fn time(draw: &mut Draw) -> String {
    format!("2026-11-{:02}T{:02}:{:02}:{:02}+00:00", 1 + draw.below(28), draw.below(24), draw.below(60), draw.below(60))
}

/// A record without a secret, full of what looks like one.
pub fn clean(draw: &mut Draw) -> String {
    let (a, b) = (draw.one(WORDS), draw.one(WORDS));
    let number = draw.below(90_000) + 1000;
    match draw.below(8) {
        0 => format!(
            "10.0.{}.{} - - [21/Nov/2026:10:15:42 +0000] \"GET /wp-content/plugins/woocommerce/assets/js/{a}.min.js?ver=9.4.{} HTTP/1.1\" 200 {number} \"https://shop.example/{b}/\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36\"",
            draw.below(256),
            draw.below(256),
            draw.below(10)
        ),
        1 => format!(
            "[21-Nov-2026 10:15:{:02} UTC] PHP Warning:  Undefined array key \"{a}\" in /var/www/html/wp-content/plugins/sophmate/includes/class-{b}.php on line {number}",
            draw.below(60)
        ),
        2 => format!(
            "{} INFO workflow {a}-{b} step {} finished in {number} ms, memory {} MB, request {}-{}-4{}-a{}-{}",
            time(draw),
            draw.below(9),
            draw.below(256),
            draw.hex(8),
            draw.hex(4),
            draw.hex(3),
            draw.hex(3),
            draw.hex(12)
        ),
        3 => format!(
            "{} DEBUG order #{number} status processing -> completed, total {}.{:02} EUR, items {}, {a} {b}",
            time(draw),
            draw.below(900),
            draw.below(100),
            draw.below(9)
        ),
        4 => format!(
            "#{} /var/www/html/wp-includes/class-wp-hook.php({number}): WC_{a}->process_{b}(Object(WC_Order), Array)",
            draw.below(30)
        ),
        5 => format!(
            "{{\"level\":\"info\",\"time\":\"{}\",\"order_id\":{number},\"status\":\"{a}\",\"version\":\"9.4.{}\",\"commit\":\"{}\",\"message\":\"{a} {b}\"}}",
            time(draw),
            draw.below(10),
            draw.hex(40)
        ),
        6 => format!(
            "SELECT option_value FROM wp_options WHERE option_name = '_transient_{a}_{b}' LIMIT 1; -- {} ms, {} rows",
            draw.below(90),
            draw.below(900)
        ),
        _ => format!(
            "{} NOTICE {a}: prompt_tokens={} completion_tokens={} max_tokens=4096 model=gpt-4o status=200 colour #a1b2c3 locale de_DE",
            time(draw),
            draw.below(900),
            draw.below(900)
        ),
    }
}

/// A record with a secret, and the secret.
pub fn with_secret(draw: &mut Draw) -> (String, String) {
    let (line, secret) = match draw.below(18) {
        0 => pair(draw.alnum(48), |s| format!("ERROR provider answered 401 for key sk-proj-{s}")),
        1 => pair(draw.alnum(40), |s| format!("Authorization: Bearer {s}")),
        2 => pair(format!("ann{}@mail.example", draw.digits(5)), |s| {
            format!("{{\"billing\":{{\"first_name\":\"Rosalind\",\"email\":\"{s}\",\"total\":\"12.00\"}}}}")
        }),
        3 => pair(draw.alnum(16), |s| format!("define( 'DB_PASSWORD', '{s}' );")),
        4 => pair(draw.hex(40), |s| {
            format!("10.0.0.7 - - \"GET /wp-json/wc/v3/orders?consumer_key=ck_{s}&per_page=10 HTTP/1.1\" 200 12")
        }),
        5 => pair(draw.alnum(43), |s| {
            format!("Cookie: wordpress_logged_in_0123456789abcdef0123456789abcdef=shopper%7C1790000000%7C{s}")
        }),
        6 => pair(format!("+49 30 {}", draw.digits(8)), |s| format!("customer called from {s} about the order")),
        7 => pair(format!("81.2.{}.{}", draw.below(256), draw.below(256)), |s| {
            format!("{s} - - [21/Nov/2026:10:00:00 +0000] \"POST /wp-login.php HTTP/1.1\" 302 0")
        }),
        8 => pair(draw.alnum(14), |s| format!("[db_password] => {s}")),
        9 => pair(draw.alnum(12), |s| format!("PDO failed for mysql://shop:{s}@db.example:3306/shop")),
        10 => pair(format!("eyJ{}.eyJ{}.{}", draw.alnum(30), draw.alnum(60), draw.alnum(43)), |s| {
            format!("jwt {s} rejected")
        }),
        11 => pair(draw.alnum(14), |s| format!("a:1:{{s:8:\"password\";s:14:\"{s}\";}}")),
        12 => pair(draw.hex(32), |s| format!("twilio_auth_token = \"{s}\"")),
        13 => pair("4111 1111 1111 1111".to_owned(), |s| format!("card {s} was declined")),
        14 => pair(draw.alnum(36), |s| format!("git clone with ghp_{s} failed")),
        15 => pair("DE89370400440532013000".to_owned(), |s| format!("refund to {s} booked")),
        16 => {
            pair(format!("{}-{}-4{}-a{}-{}", draw.hex(8), draw.hex(4), draw.hex(3), draw.hex(3), draw.hex(12)), |s| {
                format!("purchase_code={s} is not valid")
            })
        }
        _ => pair(draw.alnum(24), |s| format!("{{\"api_key\":\"{s}\",\"model\":\"small\"}}")),
    };
    (format!("{} {line}", time(draw)), secret)
}

fn pair(secret: String, line: impl Fn(&str) -> String) -> (String, String) {
    (line(&secret), secret)
}
