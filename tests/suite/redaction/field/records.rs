//! Records: whole lines and blocks as a shop writes them, with their secrets between ⟦ and ⟧.

use super::super::logs::Draw;
use super::kinds::fill;

/// Name and form of each record.
static FORMS: &[(&str, &str)] = &[
    ("bearer", "Authorization: Bearer ⟦<b40>⟧"),
    ("bearer-curl", "curl -H \"Authorization: Bearer ⟦<b40>⟧\" https://api.shop.example/v1/orders"),
    ("bearer-array", "[headers] => Array ( [Authorization] => Bearer ⟦<b40>⟧ [Accept] => application/json )"),
    ("bearer-server", "    [HTTP_AUTHORIZATION] => Bearer ⟦<b40>⟧"),
    ("bearer-php", "'headers' => array( 'Authorization' => 'Bearer ⟦<b40>⟧', 'Accept' => '*/*' ),"),
    ("bearer-json", "{\"headers\":{\"Authorization\":\"Bearer ⟦<b40>⟧\",\"Accept\":\"*/*\"}}"),
    ("basic", "Authorization: Basic ⟦c2hvcDo<B20>=⟧"),
    (
        "digest",
        "Authorization: Digest username=\"shop\", realm=\"wp\", nonce=\"<h32>\", uri=\"/\", response=\"⟦<h32>⟧\"",
    ),
    ("proxy", "Proxy-Authorization: Basic ⟦cHJveHk6<B20>=⟧"),
    ("api-key-header", "x-api-key: ⟦<a32>⟧"),
    ("api-key-har", "{\"name\": \"X-Api-Key\", \"value\": \"⟦<a32>⟧\"}"),
    ("token-header", "    [HTTP_X_AUTH_TOKEN] => ⟦<a32>⟧"),
    ("api-key-curl", "curl -H 'X-API-KEY: ⟦<a32>⟧' -H 'Accept: */*' https://api.shop.example/"),
    ("nonce-header", "X-WP-Nonce: ⟦<h10>⟧"),
    ("nonce-query", "POST /wp-admin/admin-ajax.php?action=heartbeat&_wpnonce=⟦<h10>⟧ HTTP/1.1"),
    ("nonce-json", "var wpApiSettings = {\"root\":\"https:\\/\\/shop.example\\/wp-json\\/\",\"nonce\":\"⟦<h10>⟧\"};"),
    (
        "login-cookie",
        "Cookie: wordpress_logged_in_<h32>=⟦admin%7C1790<d6>%7C<a43>%7C<h64>⟧; wp-settings-1=libraryContent",
    ),
    ("auth-cookie", "[HTTP_COOKIE] => wordpress_sec_<h32>=⟦admin%7C1790<d6>%7C<a43>%7C<h64>⟧"),
    (
        "shop-session",
        "Set-Cookie: wp_woocommerce_session_<h32>=⟦t_<h30>%7C%7C1790<d6>%7C%7C1790<d6>%7C%7C<h32>⟧; path=/; secure",
    ),
    ("php-session", "Cookie: PHPSESSID=⟦<l26>⟧; lang=de"),
    ("set-cookie", "Set-Cookie: sid=⟦<b32>⟧; Path=/; HttpOnly; SameSite=Lax"),
    ("cookie-har", "{\"name\":\"Cookie\",\"value\":\"session=⟦<l32>⟧; lang=de\"}"),
    (
        "session-meta",
        "(881, 1, 'session_tokens', 'a:1:{s:64:\"⟦<h64>⟧\";a:4:{s:10:\"expiration\";i:1790<d6>;s:2:\"ip\";s:8:\"10.0.0.7\";}}'),",
    ),
    (
        "wp-users",
        "(1,'⟦<w><d4>⟧','⟦$P$B<a30>⟧','admin','⟦<w><d3>@<w>.example⟧','','2024-02-01 10:00:00','',0,'⟦<F> <L>⟧'),",
    ),
    (
        "wp-users-insert",
        "INSERT INTO `wp_users` VALUES (7,'⟦<w><d4>⟧','⟦$wp$2y$10$<a53>⟧','x','⟦<w><d3>@<w>.example⟧','','2025-01-01 00:00:00','⟦17300<d5>:$generic$<b43>⟧',0,'⟦<F> <L>⟧');",
    ),
    ("usermeta-name", "(4411, 7, 'first_name', '⟦<F>⟧'), (4412, 7, 'last_name', '⟦O\\'<W>⟧'),"),
    ("usermeta-phone", "(4413, 7, 'billing_phone', '⟦0<d2> <d7>⟧'),"),
    (
        "usermeta-address",
        "(4414, 7, 'billing_address_1', '⟦<T> <d2>⟧'), (4415, 7, 'billing_postcode', '⟦<d5>⟧'), (4416, 7, 'billing_city', '⟦<C>⟧'),",
    ),
    (
        "order-billing",
        "\"billing\":{\"first_name\":\"⟦<F>⟧\",\"last_name\":\"⟦<L>⟧\",\"company\":\"\",\"address_1\":\"⟦<T> <d2>⟧\",\"address_2\":\"\",\"city\":\"⟦<C>⟧\",\"state\":\"\",\"postcode\":\"⟦<d5>⟧\",\"country\":\"DE\",\"email\":\"⟦<w><d3>@<w>.example⟧\",\"phone\":\"⟦+49 30 <d7>⟧\"}",
    ),
    (
        "order-shipping",
        "\"shipping\": {\"first_name\": \"⟦<F>⟧\", \"last_name\": \"⟦<L>⟧\", \"address_1\": \"⟦<d2> <T>⟧\", \"city\": \"⟦<C>⟧\", \"postcode\": \"⟦<c2><d1> <d1><c2>⟧\", \"country\": \"GB\"}",
    ),
    (
        "order-print-r",
        "            [first_name] => ⟦<F>⟧\n            [last_name] => ⟦<L>⟧\n            [address_1] => ⟦<T> <d2>⟧\n            [city] => ⟦<C>⟧\n            [postcode] => ⟦<d5>⟧",
    ),
    ("order-meta", "{\"id\":<d5>,\"key\":\"_billing_email\",\"value\":\"⟦<w><d3>@<w>.example⟧\"}"),
    ("order-key", "GET /checkout/order-received/<d5>/?key=⟦wc_order_<a13>⟧ HTTP/1.1"),
    ("order-ip", "\"customer_ip_address\":\"⟦81.2.<i>.<i>⟧\",\"customer_user_agent\":\"Mozilla/5.0\""),
    ("form-address", "billing_first_name=⟦<F>⟧&billing_last_name=⟦<L>⟧&billing_postcode=⟦<d5>⟧&billing_country=DE"),
    ("birth-date", "\"date_of_birth\":\"⟦19<k>-0<q>-1<q>⟧\""),
    ("birth-date-form", "billing_birthdate=⟦19<k>-0<q>-1<q>⟧&submit=1"),
    ("display-name", "[display_name] => ⟦<F> <L>⟧"),
    ("email-log", "wp_mail to ⟦<w>.<w><d2>@<w>.example⟧ failed: SMTP connect() failed"),
    ("email-angle", "From: Shop <⟦<w><d3>@<w>.example⟧>"),
    ("phone-text", "customer called from ⟦+44 20 7946 0<d3>⟧ about order #<d5>"),
    ("phone-us", "call back (⟦415) 555-0<d3>⟧ today"),
    ("ipv4", "⟦81.2.<i>.<i>⟧ - - [21/Nov/2026:10:15:42 +0000] \"POST /wp-login.php HTTP/1.1\" 200 <d4>"),
    ("ipv6", "⟦2a00:1450:4001:<h3>::20<h2>⟧ - - [21/Nov/2026:10:15:42 +0000] \"GET / HTTP/2.0\" 200 <d4>"),
    ("ipv6-full", "client ⟦2a02:8109:<h4>:1<h3>:2<h3>:3<h3>:4<h3>:5<h3>⟧ blocked"),
    ("forwarded", "X-Forwarded-For: ⟦81.2.<i>.<i>⟧, 10.0.0.1"),
    ("card-visa", "card <V> was declined"),
    ("card-mastercard", "\"card_number\":\"<M>\""),
    ("card-amex", "pan=<A>&exp=12/28"),
    ("card-grouped", "charged <G> for order #<d5>"),
    ("card-expiry", "card_number=<V>&card_expiry=⟦0<q>/29⟧&card_cvc=⟦<d3>⟧"),
    ("iban", "refund to <I> booked"),
    ("iban-json", "{\"iban\":\"<I>\",\"bic\":\"COBADEFF370\"}"),
    ("account-number", "account_number: ⟦<d8>⟧, sort_code: ⟦20-<d2>-<d2>⟧"),
    ("routing", "{\"routing_number\":\"⟦02100<d4>⟧\",\"account_number\":\"⟦<d10>⟧\"}"),
    ("dsn-mysql", "mysql://shop:⟦<W><d4><w>⟧@db.internal:3306/shop"),
    ("dsn-redis", "redis://:⟦<a24>⟧@cache.internal:6379/0"),
    ("dsn-mongo", "mongodb+srv://shop:⟦<a16>⟧@cluster0.<l5>.mongodb.net/shop?retryWrites=true"),
    ("dsn-smtp", "smtp://mailer%40shop:⟦<a16>⟧@smtp.shop.example:587"),
    ("dsn-sentry", "https://⟦<h32>⟧@o4507.ingest.sentry.io/4507"),
    ("dsn-cloudinary", "CLOUDINARY_URL=cloudinary://<d15>:⟦<b27>⟧@shop"),
    ("url-password", "cloning https://deploy:⟦<a20>⟧@git.shop.example/theme.git failed"),
    ("url-ftp", "ftp://web:⟦<W><d4>!x⟧@ftp.shop.example/httpdocs"),
    ("reset-link", "https://shop.example/wp-login.php?action=rp&key=⟦<a20>⟧&login=admin"),
    ("magic-link", "https://shop.example/?login_token=⟦<b43>⟧&redirect=cart"),
    (
        "presigned",
        "https://bucket.s3.amazonaws.com/backup.zip?X-Amz-Credential=AKIA<u16>%2F20261121&X-Amz-Signature=⟦<h64>⟧",
    ),
    ("wc-auth-query", "GET /wp-json/wc/v3/orders?consumer_key=⟦ck_<h40>⟧&consumer_secret=⟦cs_<h40>⟧ HTTP/1.1"),
    (
        "wc-oauth",
        "oauth_consumer_key=ck_<h40>&oauth_nonce=<a16>&oauth_signature=⟦<B43>⟧%3D&oauth_timestamp=1732184<d3>",
    ),
    ("jwt", "token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.⟦eyJ<b60>⟧.⟦<b43>⟧ rejected"),
    ("curl-login", "curl -u shop:⟦<W><d4>-<w>⟧ https://shop.example/wp-json/wp/v2/posts"),
    ("curl-login-long", "curl --user 'shop:⟦<W><d4>-<w>⟧' https://shop.example/"),
    ("mysql-option", "mysqldump -h db1 -u shop -p⟦<W><d4><w>⟧ shop_live > dump.sql"),
    ("mysql-long", "mysql --user=shop --password=⟦<W><d4><w>⟧ shop_live"),
    ("wget", "wget --user=shop --password='⟦<W><d4>!<w>⟧' https://shop.example/backup.zip"),
    ("sshpass", "sshpass -p '⟦<W><d4>!<w>⟧' scp backup.zip web@host.example:/srv"),
    ("redis-cli", "redis-cli -h cache1 -a ⟦<a20>⟧ ping"),
    ("wp-cli", "wp user create ann ann --user_pass=⟦<W><d4><w>⟧ --role=editor"),
    ("wp-cli-config", "wp config create --dbname=shop --dbuser=shop --dbpass='⟦<W><d4>!<w>⟧'"),
    ("htpasswd", "shop:⟦$apr1$<a8>$<a22>⟧"),
    ("identified", "CREATE USER 'shop'@'localhost' IDENTIFIED BY '⟦<W><d4>!<w>⟧';"),
    ("sql-md5", "UPDATE wp_users SET user_pass = MD5('⟦<W><d4><w>⟧') WHERE ID = 1;"),
    ("trace-login", "#0 /var/www/html/wp-includes/pluggable.php(612): wp_authenticate('shopadmin', '⟦<W><d4>!<w>⟧')"),
    (
        "trace-signon",
        "#4 /var/www/html/wp-includes/class-wp-hook.php(324): wp_authenticate_username_password(NULL, 'shopadmin', '⟦<W><d4>!<w>⟧')",
    ),
    ("trace-check", "#2 /var/www/html/wp-includes/user.php(183): wp_check_password('⟦<W><d4>!<w>⟧', '$P$B<a30>', 1)"),
    (
        "trace-mysqli",
        "#0 /var/www/html/wp-includes/class-wpdb.php(1988): mysqli_real_connect(Object(mysqli), 'db1', 'shop', '⟦<W><d4>!<w>⟧', NULL, 3306)",
    ),
    (
        "trace-pdo",
        "#1 /var/www/html/tools/sync.php(12): PDO->__construct('mysql:host=db1;dbname=shop', 'shop', '⟦<W><d4>!<w>⟧')",
    ),
    (
        "trace-wpdb",
        "#1 /var/www/html/wp-includes/load.php(690): wpdb->__construct('shop', '⟦<W><d4>!<w>⟧', 'shop_live', 'db1')",
    ),
    ("trace-key", "#3 /var/www/html/wp-content/plugins/ai/client.php(77): Ai_Client->set_api_key('⟦<a40>⟧')"),
    (
        "provider-echo",
        "OpenAI error: Incorrect API key provided: ⟦sk-proj-<b60>⟧. You can find your API key at https://platform.openai.com",
    ),
    ("multipart", "Content-Disposition: form-data; name=\"password\"\r\n\r\n⟦<W><d4>!<w>⟧\r\n--boundary"),
    ("ticket", "my login is shopadmin and the password is ⟦<W><d4>!<w>⟧ please look"),
    ("ticket-pair", "User: shopadmin / Password: ⟦<W><d4>!<w>⟧"),
    ("ticket-pw", "FTP access: host ftp.shop.example user web pw: ⟦<W><d4>!<w>⟧"),
    (
        "ssh-key",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n⟦b3BlbnNzaC1rZXktdjEA<B50>⟧\n⟦<B70>⟧\n-----END OPENSSH PRIVATE KEY-----",
    ),
    ("pem", "-----BEGIN RSA PRIVATE KEY-----\n⟦MIIEow<B58>⟧\n⟦<B64>⟧\n⟦<B40>⟧==\n-----END RSA PRIVATE KEY-----"),
    (
        "pem-json",
        "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n⟦MIIEvQ<B58>⟧\\n⟦<B64>⟧\\n-----END PRIVATE KEY-----\\n\",",
    ),
    (
        "pgp",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n⟦lQOYBF<B58>⟧\n⟦<B64>⟧\n=<a4>\n-----END PGP PRIVATE KEY BLOCK-----",
    ),
    (
        "azure-connection",
        "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=⟦<B86>==⟧;EndpointSuffix=core.windows.net",
    ),
    ("mssql", "Server=db1;Database=shop;User Id=shop;Password=⟦<W><d4>!<w>⟧;Encrypt=true"),
    ("pdo-dsn", "pgsql:host=db1;dbname=shop;user=shop;password=⟦<W><d4>!<w>⟧"),
    ("smtp-dialogue", "CLIENT -> SERVER: AUTH PLAIN ⟦AHNob3A<B24>=⟧"),
    ("npmrc", "//registry.npmjs.org/:_authToken=⟦npm_<a36>⟧"),
    ("netrc", "machine api.shop.example login shop password ⟦<W><d4>!<w>⟧"),
    ("composer-auth", "{\"http-basic\":{\"repo.shop.example\":{\"username\":\"token\",\"password\":\"⟦<a40>⟧\"}}}"),
    ("customer-note", "Ship to: ⟦<F> <L>⟧, ⟦<T> <d2>⟧, ⟦<d5> <C>⟧"),
    ("ssn", "\"ssn\":\"⟦5<d2>-4<d1>-<d3>7⟧\""),
    ("vat", "\"vat_number\":\"⟦DE<d9>⟧\""),
    ("passport", "passport_number: ⟦C<d2><u6>⟧"),
    (
        "order-addresses",
        "INSERT INTO `wp_wc_order_addresses` VALUES (12,34,'billing','⟦<F>⟧','⟦<W><W>⟧','','⟦<T> <d2>⟧','','⟦<C>⟧','','⟦<d5>⟧','GB','⟦<w><d3>@<w>.example⟧','⟦0<d3> <d7>⟧'),(13,34,'shipping','⟦<F>⟧','⟦<W><W>⟧','','⟦<T> <d2>⟧','','⟦<C>⟧','','⟦<d5>⟧','GB',NULL,'');",
    ),
    (
        "customer-lookup",
        "INSERT INTO wp_wc_customer_lookup VALUES (7,4,'⟦<w><d4>⟧','⟦<F>⟧','⟦<W><W>⟧','⟦<w><d3>@<w>.example⟧','2026-11-01 10:00:00','2025-01-01 10:00:00','GB','⟦<d5>⟧','⟦<C>⟧','WY');",
    ),
    (
        "comment-row",
        "INSERT INTO `wp_comments` VALUES (1,1,'⟦<F> <W>⟧','⟦<w><d3>@<w>.example⟧','','⟦81.2.<i>.<i>⟧','2026-11-01 10:00:00','2026-11-01 10:00:00','Great mug','0','1','Mozilla/5.0','comment',0,0);",
    ),
    (
        "named-columns",
        "INSERT INTO `staff` (`id`, `login`, `password`, `first_name`, `phone`) VALUES\n(1, 'a', '⟦<W><d4>!<w>⟧', '⟦<F>⟧', '⟦0<d3> <d7>⟧'),\n(2, 'b', '⟦<W><d4>!<w>⟧', '⟦<F>⟧', NULL);",
    ),
    (
        "csv",
        "id,first_name,last_name,email,city\n<d3>,⟦<F>⟧,⟦<W><W>⟧,⟦<w><d3>@<w>.example⟧,⟦<C>⟧\n<d3>,\"⟦<F>⟧\",\"⟦<W><W>⟧\",,⟦<C>⟧\n",
    ),
    (
        "cli-table",
        "+----+------------+------------------+\n| ID | user_login | display_name     |\n+----+------------+------------------+\n| <d2> | ⟦<w><d4>⟧ | ⟦<F> <W>⟧ |\n| <d2> | ⟦<w><d4>⟧ | ⟦<F> <W>⟧ |\n+----+------------+------------------+\n",
    ),
    (
        "protected-property",
        "            [first_name:protected] => ⟦<F>⟧\n            [billing_city:WC_Order:private] => ⟦<C>⟧",
    ),
    ("dumped-property", "  [\"last_name\":protected]=>\n  string(12) \"⟦<W><W>⟧\"\n"),
    (
        "application-password-made",
        "Success: Created application password.\nPassword: ⟦<a4> <a4> <a4> <d2><a2> <a4> <a4>⟧",
    ),
    (
        "application-password-login",
        "curl --user \"shop:⟦<a4> <a4> <a4> <d2><a2> <a4> <a4>⟧\" https://shop.example/wp-json/wp/v2/users/me",
    ),
    (
        "har-login-cookie",
        "{\"name\":\"wordpress_logged_in_<h32>\",\"value\":\"⟦admin%7C1790<d6>%7C<a43>%7C<h64>⟧\",\"path\":\"/\"}",
    ),
    ("har-form", "{\"params\":[{\"name\":\"log\",\"value\":\"a\"},{\"name\":\"pwd\",\"value\":\"⟦<W><d4>!<w>⟧\"}]}"),
    ("name-object", "{\"id\":<d3>,\"name\":\"⟦<F> <W>⟧\",\"email\":\"⟦<w><d3>@<w>.example⟧\"}"),
    (
        "billing-details",
        "\"billing_details\":{\"address\":{\"city\":\"⟦<C>⟧\",\"line1\":\"⟦<d2> <T>⟧\",\"postal_code\":\"⟦<d5>⟧\"},\"name\":\"⟦<F> <W>⟧\"}",
    ),
    ("greeting", "Hello ⟦<W> <W>⟧, thank you for your order"),
    ("phone-word", "customer left a number, phone ⟦0049 30 <d8>⟧ for questions"),
    ("phone-trunk", "toll free ⟦1-800-555-0<d3>⟧ on the invoice"),
    ("phone-zero", "phone: ⟦030/<d7>⟧"),
    (
        "phone-many",
        "⟦+33 1 <d2> <d2> <d2> <d2>⟧ and ⟦+91 98<d3> <d5>⟧ and ⟦+61 4<d2> <d3> <d3>⟧ and ⟦+44 (0)20 79<d2> <d4>⟧",
    ),
    ("iban-lower", "iban: ⟦de<d20>⟧"),
    (
        "smtp-password",
        "SERVER -> CLIENT: 334 UGFzc3dvcmQ6\n2026-11-21 CLIENT -> SERVER: ⟦U3F1<B12>⟧\nSERVER -> CLIENT: 235 ok",
    ),
    ("yaml-below", "db:\n  password:\n    ⟦<W><d4><w>⟧\n  host: db1\n"),
    ("joined-strings", "$password = '⟦<W><d4>⟧' .\n    '⟦<w>!<d4>⟧';"),
    ("container-environment", "- name: SMTP_PASSWORD\n  value: ⟦<W><d4><w>⟧\n"),
    ("xml-entry", "<entry key=\"smtp_password\">⟦<W><d4>!<w>⟧</entry>"),
    ("basic-pair", "requests.get(url, auth=(\"shop\", \"⟦<W><d4>!<w>⟧\"))"),
    ("csv-json", "771,\"{\"\"password\"\":\"\"⟦<W><d4>!<w>⟧\"\"}\",done"),
];

/// A record with its secrets.
pub(in super::super) fn make(draw: &mut Draw, form: &str) -> (String, Vec<String>) {
    let filled = fill(draw, form);
    let secrets = filled.split('⟦').skip(1).filter_map(|part| Some(part.split_once('⟧')?.0.to_owned())).collect();
    (filled.replace(['⟦', '⟧'], ""), secrets)
}

/// One of each, with its name.
pub(in super::super) fn every(draw: &mut Draw) -> Vec<(&'static str, String, Vec<String>)> {
    FORMS
        .iter()
        .map(|(name, form)| {
            let (line, secrets) = make(draw, form);
            (*name, line, secrets)
        })
        .collect()
}
