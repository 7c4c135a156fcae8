//! A WordPress debug log with secrets in it, as such logs are. All of them are made up at each start: nothing here opens
//! anything, and nothing that looks like a key lies in this source.

use crate::actions::Failure;
use crate::domain::moment::Moment;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";

/// The log around `at`, and every secret that was planted in it.
pub(super) fn write(at: Moment) -> Result<(String, Vec<String>), Failure> {
    let secrets = Secrets::invent()?;
    let stamp = |seconds: i64| at.plus(Duration::seconds(seconds)).utc().format("%d-%b-%Y %H:%M:%S UTC").to_string();
    let mut log = String::new();
    for (seconds, line) in secrets.lines().into_iter().enumerate() {
        // Every line of an entry but the first stands without a time.
        if line.starts_with('#') || line.starts_with("  ") || line == "Stack trace:" {
            log.push_str(&line);
        } else {
            log.push_str(&format!("[{}] {line}", stamp(2 * seconds as i64)));
        }
        log.push('\n');
    }
    Ok((log, secrets.all()))
}

struct Secrets {
    provider_key: String,
    payment_key: String,
    shop_key: String,
    shop_secret: String,
    cloud_key: String,
    database_password: String,
    mail_password: String,
    bearer: String,
    customer: String,
}

impl Secrets {
    fn invent() -> Result<Self, Failure> {
        let claims = format!("{{\"sub\":\"{}\",\"aud\":\"sophmate\"}}", random(HEX, 12)?);
        let bearer = [
            URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
            URL_SAFE_NO_PAD.encode(claims),
            random(LETTERS, 43)?,
        ]
        .join(".");
        Ok(Self {
            provider_key: format!("{}{}", ["sk", "proj", ""].join("-"), random(LETTERS, 48)?),
            payment_key: format!("{}{}", ["sk", "live", ""].join("_"), random(LETTERS, 24)?),
            shop_key: format!("{}{}", ["ck", ""].join("_"), random(HEX, 40)?),
            shop_secret: format!("{}{}", ["cs", ""].join("_"), random(HEX, 40)?),
            cloud_key: format!("{}{}", ["AK", "IA"].concat(), random(CAPITALS, 16)?),
            database_password: random(LETTERS, 18)?,
            mail_password: random(LETTERS, 16)?,
            bearer,
            customer: format!("{}@customers.example", random(b"abcdefghijklmnoprstuvw", 9)?),
        })
    }

    fn all(self) -> Vec<String> {
        vec![
            self.provider_key,
            self.payment_key,
            self.shop_key,
            self.shop_secret,
            self.cloud_key,
            self.database_password,
            self.mail_password,
            self.bearer,
            self.customer,
        ]
    }

    fn lines(&self) -> Vec<String> {
        let s = self;
        vec![
            "PHP Notice:  Function _load_textdomain_just_in_time was called incorrectly for the sophmate domain in /var/www/html/wp-includes/functions.php on line 6121".into(),
            "[sophmate] queue: worker 1 started, 14 jobs waiting".into(),
            "[sophmate] queue: worker 2 started, 14 jobs waiting".into(),
            format!("[sophmate] POST https://api.openai.com/v1/chat/completions Authorization: Bearer {} -> 200 (1.9 s)", s.provider_key),
            format!("[sophmate] order-mails: sending confirmation to {} for order #10482", s.customer),
            "PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [1040] Too many connections in /var/www/html/wp-content/plugins/sophmate/src/Store/Connection.php:57".into(),
            "Stack trace:".into(),
            format!("#0 /var/www/html/wp-content/plugins/sophmate/src/Store/Connection.php(57): PDO->__construct('mysql:host=db.internal;dbname=shop', 'shop', '{}')", s.database_password),
            "#1 /var/www/html/wp-content/plugins/sophmate/src/Queue/Worker.php(133): Connection->open()".into(),
            "#2 {main}".into(),
            "  thrown in /var/www/html/wp-content/plugins/sophmate/src/Store/Connection.php on line 57".into(),
            format!("define( 'DB_PASSWORD', '{}' );", s.database_password),
            format!("[sophmate] order-mails: sending confirmation to {} for order #10482", s.customer),
            format!("[woocommerce] GET https://tea-house.example/wp-json/wc/v3/orders/10482?consumer_key={}&consumer_secret={}", s.shop_key, s.shop_secret),
            format!("[stripe] request options {{\"api_key\":\"{}\",\"idempotency_key\":\"order-10482\"}}", s.payment_key),
            format!("[smtp] DSN smtp://mailer:{}@mail.tea-house.example:587 answered 421", s.mail_password),
            "[helpdesk] ticket HD-204417 opened from the panel, answered by HD-204418".into(),
            format!("[backup] AWS_ACCESS_KEY_ID={} bucket=tea-house-backups", s.cloud_key),
            format!("[sophmate] panel: Authorization: Bearer {}", s.bearer),
            "[sophmate] queue: job 8841 finished twice (workers 1 and 2), lock was lost after 5 s".into(),
        ]
    }
}

fn random(alphabet: &[u8], length: usize) -> Result<String, Failure> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|e| Failure::Broken(format!("no randomness: {e}")))?;
    Ok(bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect())
}
