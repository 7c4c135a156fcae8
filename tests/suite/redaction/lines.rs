//! What goes from one line takes nothing of the next with it.

use super::types::redactor;

/// Values in base64, with one and with two signs of padding.
const VALUES: &[&str] = &[
    "c2hvcDprdW1xdWF0Nzdncm92ZQ==",
    "mS8bMbvuNWJ8Rry5ync/xLdzIuJZIkTNoFcDJW4Gi9Y=",
    "b3JkZXJfaWQ9MTIzNDU2fHR5cGU9ZGV2ZWxvcGVyfGRhdGU9MjAyNC0wMS0wMQ==",
    "fWx3Zk1xOUJvbTRYcDdKdDJLczhWZDVHaDNOYzZRejF5TGE0UHJIajlXZVVvMGliU3hBdjdEbT=",
];

#[test]
fn the_line_behind_a_padded_value_stays() {
    for value in VALUES {
        for key in ["Authorization: Basic ", "API_KEY=", "X-WC-Webhook-Signature: ", "client_secret: "] {
            for end in ["\n", "\r\n"] {
                let text = format!("{key}{value}{end}MODE=live{end}rest of the log{end}");
                let out = redactor().text(&text).text;
                assert!(!out.as_str().contains(value), "{text:?} {out}");
                assert!(out.as_str().ends_with(&format!("{end}MODE=live{end}rest of the log{end}")), "{text:?} {out}");
            }
        }
    }
}
