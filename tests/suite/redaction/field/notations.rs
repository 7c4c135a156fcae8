//! Notations: how a key and its value stand in configuration, code, logs and requests.

/// One notation.
pub(in super::super) struct Notation {
    pub name: &'static str,
    /// The value stands without quotes, which not every value allows.
    pub bare: bool,
    /// With `{key}`, `{value}` and their lengths `{keysize}` and `{length}`.
    form: &'static str,
}

impl Notation {
    /// A key and its value in this notation.
    pub fn write(&self, key: &str, value: &str) -> String {
        self.form
            .replace("{keysize}", &key.len().to_string())
            .replace("{length}", &value.len().to_string())
            .replace("{key}", key)
            .replace("{value}", value)
    }
}

const fn bare(name: &'static str, form: &'static str) -> Notation {
    Notation { name, bare: true, form }
}

const fn quoted(name: &'static str, form: &'static str) -> Notation {
    Notation { name, bare: false, form }
}

pub(in super::super) static NOTATIONS: &[Notation] = &[
    quoted("php-variable", "${key} = '{value}';"),
    quoted("php-define", "define( '{key}', '{value}' );"),
    quoted("php-define-double", "define(\"{key}\", \"{value}\");"),
    quoted("php-array", "    '{key}' => '{value}',"),
    quoted("php-property", "$this->{key} = \"{value}\";"),
    quoted("php-option", "update_option( '{key}', '{value}' );"),
    quoted("php-const", "const {key} = '{value}';"),
    quoted("putenv", "putenv('{key}={value}');"),
    quoted("json", "{\"id\":4711,\"{key}\":\"{value}\",\"enabled\":true}"),
    quoted("json-pretty", "  \"{key}\": \"{value}\","),
    quoted("json-in-log", "DEBUG request body: {\"model\":\"small\",\"{key}\":\"{value}\"} took 12 ms"),
    quoted("json-in-json", "{\"level\":\"debug\",\"body\":\"{\\\"{key}\\\":\\\"{value}\\\",\\\"n\\\":1}\"}"),
    bare("yaml", "  {key}: {value}"),
    quoted("yaml-quoted", "  {key}: \"{value}\""),
    bare("yaml-list", "    - {key}={value}"),
    bare("ini", "{key} = {value}"),
    quoted("ini-quoted", "{key}=\"{value}\""),
    bare("env", "{key}={value}"),
    bare("env-export", "export {key}={value}"),
    quoted("env-export-quoted", "export {key}='{value}'"),
    bare("docker-flag", "docker run -e {key}={value} wordpress:6.7"),
    quoted("xml", "<{key}>{value}</{key}>"),
    quoted("xml-value", "<add key=\"{key}\" value=\"{value}\" />"),
    quoted("xml-attribute", "<user name=\"shop\" {key}=\"{value}\"/>"),
    bare("print-r", "            [{key}] => {value}"),
    bare("print-r-flat", "Array ( [id] => 7 [{key}] => {value} )"),
    quoted("var-dump", "  [\"{key}\"]=>\n  string({length}) \"{value}\""),
    quoted("var-export", "array ( 'id' => 7, '{key}' => '{value}', )"),
    quoted("serialized", "a:2:{s:2:\"id\";i:7;s:{keysize}:\"{key}\";s:{length}:\"{value}\";}"),
    quoted(
        "serialized-in-sql",
        "(713,'shop_settings','a:1:{s:{keysize}:\\\"{key}\\\";s:{length}:\\\"{value}\\\";}','yes'),",
    ),
    bare("query", "GET /wp-json/shop/v1/sync?page=2&{key}={value}&per_page=10 HTTP/1.1"),
    bare("form-body", "POST body: action=save&{key}={value}&submit=1"),
    bare("curl-data", "curl -X POST https://api.shop.example/v1 -d '{key}={value}'"),
    bare("curl-form", "curl -F \"{key}={value}\" https://api.shop.example/v1"),
    bare("command-line", "wp shop connect --{key}={value} --quiet"),
    quoted("command-line-space", "wp shop connect --{key} '{value}' --quiet"),
    quoted("wp-config-set", "wp config set {key} '{value}' --type=constant"),
    bare("log-pair", "INFO connect host=db1 {key}={value} port=3306"),
    bare("log-colon", "[gateway] settings loaded, {key}: {value}, mode: live"),
    quoted("sql-update", "UPDATE wp_options SET option_value = '{value}' WHERE option_name = '{key}';"),
    quoted("sql-row", "INSERT INTO wp_options VALUES (812,'{key}','{value}','yes');"),
    quoted("sql-meta", "(3312, 7, '{key}', '{value}'),"),
    quoted("sql-where", "SELECT ID FROM wp_x WHERE {key} = '{value}' LIMIT 1"),
    quoted("js-object", "var cfg = { mode: 'live', {key}: '{value}' };"),
    quoted("har-pair", "{\"name\":\"{key}\",\"value\":\"{value}\"},"),
    bare("server-dump", "    [{key}] => {value}"),
    bare("site-health", "{key}: {value}"),
    quoted("table-row", "<tr><td>{key}</td><td>{value}</td></tr>"),
    quoted("fastcgi", "fastcgi_param {key} \"{value}\";"),
    quoted("setenv", "SetEnv {key} \"{value}\""),
];

/// Sentences in which a value stands without a key: only its own form tells what it is.
pub(in super::super) static SENTENCES: &[Notation] = &[
    bare("prose", "ERROR provider answered 401 for {value} at step 3"),
    bare("prose-end", "Incorrect API key provided: {value}."),
    bare(
        "prose-quoted",
        "PHP Warning:  cannot use \"{value}\" in /var/www/html/wp-content/plugins/shop/class-api.php on line 88",
    ),
    bare("prose-brackets", "[21-Nov-2026 10:15:42 UTC] request failed ({value}) after 3 tries"),
    bare("path", "GET /hook/{value} HTTP/1.1"),
    bare("json-text", "{\"message\":\"invalid value {value} given\",\"code\":401}"),
    bare("html", "<div>Your key: <code>{value}</code></div>"),
    bare("argument", "#3 /var/www/html/wp-content/plugins/shop/api.php(41): Shop_Api->request('{value}', Array)"),
    bare("line", "{value}"),
];
