//! What is planted: kinds of secrets with the form of their values and the keys under which they stand.

use super::super::logs::Draw;

/// One kind of secret.
pub(in super::super) struct Kind {
    pub name: &'static str,
    /// The form of a value, see [`fill`].
    pub form: &'static str,
    /// Keys under which it stands in configuration and logs.
    pub keys: &'static [&'static str],
    /// Whether it must be known by its form alone, anywhere in a text.
    pub alone: bool,
}

const fn alone(name: &'static str, form: &'static str, keys: &'static [&'static str]) -> Kind {
    Kind { name, form, keys, alone: true }
}

const fn keyed(name: &'static str, form: &'static str, keys: &'static [&'static str]) -> Kind {
    Kind { name, form, keys, alone: false }
}

/// A value of a form: `<a20>` are twenty letters and digits, `<h8>` hexadecimal digits, `<l4>` small letters and digits,
/// `<u4>` capitals and digits, `<c4>` capitals, `<s4>` small letters, `<d4>` digits, `<b4>` base64 for URLs, `<B4>` base64,
/// `<w>` a word, `<W>` a word with a capital, `<p>` a sign; everything else stands for itself.
pub(in super::super) fn fill(draw: &mut Draw, form: &str) -> String {
    let mut out = String::new();
    let mut rest = form;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let close = rest[open..].find('>').map_or(rest.len(), |length| open + length);
        let inner = &rest[(open + 1).min(close)..close];
        let drawn = inner.starts_with(|first: char| first.is_ascii_alphabetic())
            && inner[1..].bytes().all(|byte| byte.is_ascii_digit());
        if !drawn {
            out.push('<');
            rest = &rest[open + 1..];
            continue;
        }
        let (class, count) = inner.split_at(1);
        let count = count.parse().unwrap_or(1);
        out.push_str(&match class {
            "a" => draw.chars(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", count),
            "h" => draw.hex(count),
            "l" => draw.chars(b"abcdefghijklmnopqrstuvwxyz0123456789", count),
            "u" => draw.chars(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", count),
            "c" => draw.chars(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", count),
            "s" => draw.chars(b"abcdefghijklmnopqrstuvwxyz", count),
            "d" => draw.digits(count),
            "b" => draw.chars(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", count),
            "B" => draw.chars(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", count),
            "w" => {
                draw.one(&["maple", "river", "copper", "lantern", "orchid", "tundra", "falcon", "ginger"]).to_owned()
            }
            "W" => draw.one(&["Maple", "River", "Copper", "Lantern", "Orchid", "Tundra", "Falcon"]).to_owned(),
            "p" => draw.one(&["!", "#", "$", "%", "*", "+", "@", "^", "_", "-", "&", "?"]).to_owned(),
            "F" => draw.one(&["Rosalind", "Amara", "Jonas", "Mireille", "Tobias", "Zo\u{eb}", "Leila"]).to_owned(),
            "L" => draw.one(&["Okonkwo", "Lindqvist", "Baumgarten", "Ferreira", "O'Malley", "M\u{fc}ller"]).to_owned(),
            "T" => draw.one(&["Harbour Lane", "Lindenallee", "Rue des Lilas", "Birch Street", "Marktplatz"]).to_owned(),
            "C" => draw.one(&["Leeds", "Heidelberg", "Lyon", "Utrecht", "Graz", "Springfield"]).to_owned(),
            "i" => (1 + draw.below(254)).to_string(),
            "k" => (50 + draw.below(49)).to_string(),
            "q" => (1 + draw.below(8)).to_string(),
            "V" => format!("\u{27e6}{}\u{27e7}", card(draw, "4", 16)),
            "M" => format!("\u{27e6}{}\u{27e7}", card(draw, "5", 16)),
            "A" => format!("\u{27e6}{}\u{27e7}", card(draw, "37", 15)),
            "G" => {
                let number = card(draw, "4", 16);
                format!("\u{27e6}{} {} {} {}\u{27e7}", &number[..4], &number[4..8], &number[8..12], &number[12..])
            }
            "I" => format!("\u{27e6}{}\u{27e7}", iban(draw)),
            other => panic!("no class {other}"),
        });
        rest = &rest[close + 1..];
    }
    out + rest
}

/// A number of a card that passes Luhn's check.
fn card(draw: &mut Draw, prefix: &str, length: usize) -> String {
    // The second digit of a Mastercard is 1 to 5.
    let second = if prefix == "5" { (1 + draw.below(5)).to_string() } else { String::new() };
    let mut number = format!("{prefix}{second}");
    number.push_str(&draw.digits(length - 1 - number.len()));
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

/// A German IBAN with its check digits.
fn iban(draw: &mut Draw) -> String {
    let account = draw.digits(18);
    // D is 13 and E is 14 (ISO 7064).
    let rest = format!("{account}131400").bytes().fold(0_u32, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97);
    format!("DE{:02}{account}", 98 - rest)
}

const KEY: &[&str] = &["api_key", "apiKey", "API_KEY", "api-key", "secret_key", "token"];

pub(in super::super) static KINDS: &[Kind] = &[
    alone("openai-project", "sk-proj-<b74>T3BlbkFJ<b74>", &["OPENAI_API_KEY", "openai_api_key"]),
    alone("openai-project-short", "sk-proj-<a48>", &["OPENAI_API_KEY", "openai_api_key"]),
    alone("openai-service", "sk-svcacct-<b58>T3BlbkFJ<b58>", &["OPENAI_API_KEY"]),
    alone("openai-legacy", "sk-<a20>T3BlbkFJ<a20>", &["OPENAI_API_KEY", "ai_engine_openai_apikey"]),
    alone("openai-plain", "sk-<a48>", &["OPENAI_API_KEY", "openai_key"]),
    alone("anthropic", "sk-ant-api03-<b93>AA", &["ANTHROPIC_API_KEY", "claude_api_key"]),
    alone("openrouter", "sk-or-v1-<h64>", &["OPENROUTER_API_KEY"]),
    alone("deepseek", "sk-<h32>", &["DEEPSEEK_API_KEY"]),
    alone("google-api", "AIzaSy<b33>", &["google_maps_api_key", "GEMINI_API_KEY"]),
    alone("google-oauth-secret", "GOCSPX-<b28>", &["client_secret", "google_client_secret"]),
    alone("google-access", "ya29.a0<b120>", &["access_token"]),
    alone("groq", "gsk_<a52>", &["GROQ_API_KEY"]),
    alone("hugging-face", "hf_<a34>", &["HF_TOKEN", "huggingface_token"]),
    alone("replicate", "r8_<a37>", &["REPLICATE_API_TOKEN"]),
    alone("perplexity", "pplx-<a48>", &["PERPLEXITY_API_KEY"]),
    alone("xai", "xai-<a80>", &["XAI_API_KEY"]),
    alone("elevenlabs", "sk_<h48>", &["ELEVENLABS_API_KEY"]),
    alone("pinecone", "pcsk_<a5>_<a63>", &["PINECONE_API_KEY"]),
    keyed("mistral", "<a32>", &["MISTRAL_API_KEY", "mistral_api_key"]),
    keyed("cohere", "<a40>", &["COHERE_API_KEY", "CO_API_KEY"]),
    keyed("azure-openai", "<h32>", &["AZURE_OPENAI_API_KEY", "azure_openai_key"]),
    keyed("deepl", "<h8>-<h4>-<h4>-<h4>-<h12>:fx", &["DEEPL_AUTH_KEY", "deepl_api_key"]),
    keyed("stability", "sk-<a48>", &["STABILITY_API_KEY"]),
    alone("stripe-secret", "sk_live_51<a99>", &["stripe_secret_key", "STRIPE_SECRET"]),
    alone("stripe-secret-old", "sk_live_<a24>", &["stripe_secret_key", "secret_key"]),
    alone("stripe-test", "sk_test_<a24>", &["test_secret_key", "stripe_test_secret"]),
    alone("stripe-restricted", "rk_live_<a24>", &["stripe_restricted_key"]),
    alone("stripe-webhook", "whsec_<a32>", &["webhook_secret", "stripe_webhook_secret"]),
    alone("stripe-intent-secret", "pi_3<a23>_secret_<a25>", &["client_secret", "payment_intent_client_secret"]),
    keyed("paypal-secret", "E<b79>", &["paypal_client_secret", "PAYPAL_SECRET"]),
    alone("square-token", "EAAA<b60>", &["square_access_token"]),
    alone("square-secret", "sq0csp-<b43>", &["square_application_secret"]),
    alone("mollie", "live_<a30>", &["mollie_api_key", "MOLLIE_API_KEY"]),
    alone("razorpay", "rzp_live_<a14>", &["razorpay_key_id"]),
    keyed("razorpay-secret", "<a24>", &["razorpay_key_secret", "RAZORPAY_KEY_SECRET"]),
    keyed("adyen", "AQE<B60>", &["adyen_api_key", "ADYEN_API_KEY"]),
    keyed("klarna-password", "<a16>", &["klarna_password", "klarna_shared_secret"]),
    keyed("braintree-private", "<h32>", &["braintree_private_key", "BRAINTREE_PRIVATE_KEY"]),
    alone("aws-key-id", "AKIA<u16>", &["aws_access_key_id", "AWS_ACCESS_KEY_ID"]),
    keyed("aws-secret", "<B40>", &["aws_secret_access_key", "AWS_SECRET_ACCESS_KEY", "secretAccessKey"]),
    keyed("azure-storage", "<B86>==", &["AccountKey", "azure_storage_key"]),
    alone("github-classic", "ghp_<a36>", &["GITHUB_TOKEN", "github_token"]),
    alone("github-fine", "github_pat_<a22>_<a59>", &["GITHUB_TOKEN"]),
    alone("gitlab", "glpat-<b20>", &["GITLAB_TOKEN", "private_token"]),
    alone("slack-bot", "xoxb-<d12>-<d12>-<a24>", &["SLACK_BOT_TOKEN", "slack_token"]),
    alone("slack-hook", "https://hooks.slack.com/services/T<u8>/B<u10>/<a24>", &["webhook_url", "slack_webhook"]),
    alone("discord-hook", "https://discord.com/api/webhooks/<d18>/<b68>", &["discord_webhook"]),
    alone("telegram-bot", "<d10>:AA<b33>", &["telegram_bot_token", "bot_token"]),
    alone("twilio-sid", "AC<h32>", &["TWILIO_ACCOUNT_SID", "account_sid"]),
    alone("twilio-key", "SK<h32>", &["TWILIO_API_KEY"]),
    keyed("twilio-token", "<h32>", &["TWILIO_AUTH_TOKEN", "twilio_auth_token"]),
    alone("sendgrid", "SG.<b22>.<b43>", &["SENDGRID_API_KEY", "sendgrid_api_key"]),
    alone("mailgun", "key-<h32>", &["MAILGUN_API_KEY", "mailgun_api_key"]),
    alone("mailchimp", "<h32>-us21", &["mailchimp_api_key", "MAILCHIMP_API_KEY"]),
    alone("brevo", "xkeysib-<h64>-<a16>", &["BREVO_API_KEY", "sib_api_key"]),
    keyed("postmark", "<h8>-<h4>-<h4>-<h4>-<h12>", &["postmark_server_token", "POSTMARK_API_TOKEN"]),
    keyed("cloudflare", "<b40>", &["CLOUDFLARE_API_TOKEN", "cloudflare_api_token", "CF_API_TOKEN"]),
    keyed("cloudflare-global", "<h37>", &["cloudflare_api_key", "X-Auth-Key"]),
    alone("digitalocean", "dop_v1_<h64>", &["DO_TOKEN", "spaces_token"]),
    alone("npm", "npm_<a36>", &["NPM_TOKEN", "_authToken"]),
    alone("facebook", "EAA<a150>", &["access_token", "fb_access_token"]),
    keyed("facebook-secret", "<h32>", &["facebook_app_secret", "FB_APP_SECRET"]),
    keyed("recaptcha", "6L<b38>", &["recaptcha_secret_key", "recaptcha_private_key"]),
    alone("turnstile", "0x4AAAAAAA<b28>", &["turnstile_secret_key"]),
    alone("shopify", "shpat_<h32>", &["shopify_access_token"]),
    alone("airtable", "pat<a14>.<h64>", &["AIRTABLE_TOKEN"]),
    alone("notion", "ntn_<d11><a35>", &["NOTION_TOKEN"]),
    alone("hubspot", "pat-na1-<h8>-<h4>-<h4>-<h4>-<h12>", &["HUBSPOT_TOKEN"]),
    alone("supabase", "sbp_<h40>", &["SUPABASE_ACCESS_TOKEN"]),
    alone("vault", "hvs.<b90>", &["VAULT_TOKEN"]),
    alone("dropbox", "sl.<b140>", &["DROPBOX_TOKEN"]),
    alone("linear", "lin_api_<a40>", &["LINEAR_API_KEY"]),
    alone("atlassian", "ATATT3xFfGF0<b180>", &["JIRA_API_TOKEN"]),
    alone("woocommerce-consumer-key", "ck_<h40>", &["consumer_key", "woocommerce_api_consumer_key"]),
    alone("woocommerce-consumer-secret", "cs_<h40>", &["consumer_secret"]),
    keyed("application-password", "<a4> <a4> <a4> <a4> <a4> <a4>", &["application_password", "app_password"]),
    keyed("application-password-joined", "<a24>", &["application_password", "WP_APP_PASSWORD"]),
    keyed("db-password", "<W><d2><p><a6>", &["DB_PASSWORD", "db_password", "database_password"]),
    keyed("db-password-letters", "<w><w>", &["DB_PASSWORD", "db_pass"]),
    keyed("salt", "<a9>!<a8>@ <a9>{<a9>|<a9>(<a9>~", &["AUTH_KEY", "SECURE_AUTH_SALT", "LOGGED_IN_KEY", "NONCE_SALT"]),
    alone("phpass", "$P$B<a30>", &["user_pass"]),
    alone("bcrypt", "$2y$10$<a53>", &["user_pass", "password_hash"]),
    alone("wp-bcrypt", "$wp$2y$10$<a53>", &["user_pass"]),
    keyed("activation-key", "17300<d5>:$P$B<a30>", &["user_activation_key"]),
    keyed("reset-key", "<a20>", &["user_activation_key", "reset_key"]),
    keyed("password", "<W><d2><p><a6>", &["password", "user_password", "Password", "smtp_password", "pwd", "pass1"]),
    keyed("password-phrase", "<w>-<w>-<d3>", &["password", "passwd", "passphrase", "ftp_password"]),
    keyed("smtp-pass", "<a16>", &["smtp_pass", "SMTP_PASS", "mail_password", "MAIL_PASSWORD"]),
    keyed("generic-key", "<a32>", KEY),
    keyed("generic-hex-key", "<h40>", &["api_key", "apikey", "secret", "client_secret", "access_key", "auth_key"]),
    keyed("generic-token", "<b43>", &["access_token", "auth_token", "refresh_token", "bearer_token", "session_token"]),
    keyed("licence-key", "<h32>", &["license_key", "licence_key", "edd_license_key", "wp_rocket_license_key"]),
    keyed("licence-groups", "<u5>-<u5>-<u5>-<u5>-<u5>", &["license_key", "license", "activation_key"]),
    keyed(
        "purchase-code",
        "<h8>-<h4>-4<h3>-a<h3>-<h12>",
        &["purchase_code", "envato_purchase_code", "item_purchase_code"],
    ),
    keyed("envato-token", "<a32>", &["envato_token", "envato_personal_token"]),
    alone("freemius", "sk_<a3><p><a5>{<a10><a9>", &["freemius_secret_key"]),
    keyed("akismet", "<h12>", &["wordpress_api_key", "akismet_api_key", "WPCOM_API_KEY"]),
    keyed("wordfence", "<h128>", &["wordfence_api_key", "wfApiKey", "apiKey"]),
    keyed("nonce", "<h10>", &["_wpnonce", "X-WP-Nonce", "wp_rest_nonce"]),
    keyed("order-key", "wc_order_<a13>", &["order_key", "key"]),
    keyed("webhook-secret", "<w><W><d4><p><a12>", &["webhook_secret", "WEBHOOK_SECRET"]),
    keyed("encryption-key", "base64:<B43>=", &["APP_KEY", "encryption_key"]),
    keyed("cvv", "<d3>", &["cvv", "cvc", "card_cvc", "security_code"]),
];
