//! Lookalikes: lines without a secret, full of what resembles one. Every one of them must come back unchanged.

use super::super::logs::Draw;
use super::kinds::fill;

/// Forms of lines, see [`fill`].
static FORMS: &[(&str, &str)] = &[
    ("version", "WordPress 6.7.<d1> WooCommerce 9.4.<d1> PHP 8.3.<d2> MySQL 8.0.<d2>-0ubuntu0.22.04.1"),
    ("version-four", "Chrome/128.0.6613.<d2> Safari/537.36 jetpack 13.9.1.<d1> version 1.2.3.<d1>"),
    ("timestamp", "2026-11-21T10:15:<d2>.<d6>Z 1732184<d3> 17321840<d5> [21/Nov/2026:10:15:42 +0000]"),
    ("uuid", "request_id=<h8>-<h4>-4<h3>-a<h3>-<h12> finished"),
    ("uuid-json", "{\"uuid\":\"<h8>-<h4>-4<h3>-b<h3>-<h12>\",\"event_id\":\"<h32>\"}"),
    ("trace", "traceparent: 00-<h32>-<h16>-01"),
    ("trace-id", "X-Request-Id: <h32> cf-ray: 8e5<h13>-FRA"),
    ("git", "commit <h40> (HEAD -> main) merge <h7>"),
    ("git-json", "\"commit\":\"<h40>\",\"sha\":\"<h40>\",\"tree\":\"<h40>\""),
    ("hash", "sha256:<h64>  wp-content/uploads/2026/11/image-<d4>.jpg"),
    ("hash-md5", "md5 <h32> expected <h32> for akismet.5.3.zip"),
    ("checksum", "\"checksum\": \"sha512-<B86>==\", \"integrity\": \"sha384-<B64>\""),
    ("etag", "ETag: \"<h32>\" If-None-Match: W/\"<h8>-<h4>\""),
    ("asset", "<link rel='stylesheet' href='https://shop.example/wp-content/themes/storefront/style.css?ver=<h32>' />"),
    ("asset-version", "/wp-includes/js/jquery/jquery.min.js?ver=3.7.<d1> /app.<h8>.js /main.<h20>.css"),
    ("asset-nonce", "<script nonce=\"<a16>\" src=\"/wp-includes/js/dist/vendor/react.min.js?ver=18.3.1\"></script>"),
    ("masks", "api_key=sk-...<a4> token: ****<a4> secret: \"xoxb-1234567890-####################\""),
    (
        "stand-ins",
        "OPENAI_API_KEY=your-api-key STRIPE_SECRET=${STRIPE_SECRET} token=\"{{ token }}\" slack_token = \"xoxp-1-YourAccessTokenHere\"",
    ),
    ("sealed", "password: ENC[AES256_GCM,data:<B16>,iv:<B43>=,tag:<B22>==,type:str]"),
    ("sealed-cut", "api_key: ops_<a10>..[Redacted] after the proxy"),
    ("alphabet", "const keyStr = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\";"),
    (
        "names-of-keys",
        "credentialId: <a22>, issuerKeyHash=<h40> and <entry key=\"jetbrains.editor.v8_folding\" value=\"on\" />",
    ),
    ("pem-empty", "-----BEGIN PRIVATE KEY-----\nanything\n-----END PRIVATE KEY-----"),
    ("schema", "type=\"clm<d5>:AgencyIdentificationCodeContentTypes\" file icon.ico-<h32>.png"),
    ("path", "/var/www/vhosts/shop.example/httpdocs/wp-content/plugins/woocommerce/includes/class-wc-order.php:<d3>"),
    ("frame", "#<d1> /srv/www/wp-includes/class-wp-hook.php(<d3>): WC_Gateway_Stripe->process_payment(<d5>)"),
    (
        "frame-array",
        "#1 [internal function]: Sophmate\\Workflow\\Runner->run_step(Object(WP_REST_Request), Array, 'queued', NULL)",
    ),
    (
        "fatal",
        "PHP Fatal error:  Uncaught TypeError: WC_Order::set_total(): Argument #1 ($value) must be of type float, string given",
    ),
    ("class", "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore::get_post_type()"),
    (
        "error-code",
        "SQLSTATE[42S02]: Base table or view not found: 1146 Table 'shop.wp_actionscheduler_<d4>' doesn't exist",
    ),
    ("curl-error", "cURL error 28: Operation timed out after 10001 milliseconds with 0 out of 0 bytes received"),
    ("order", "Order #<d5> status changed from pending to processing, invoice INV-2026-<d6>, SKU TSHIRT-BLUE-<d3>"),
    (
        "order-json",
        "{\"id\":<d5>,\"parent_id\":0,\"status\":\"processing\",\"currency\":\"EUR\",\"version\":\"9.4.2\",\"prices_include_tax\":true,\"total\":\"<d2>.<d2>\"}",
    ),
    ("long-number", "order 4<d3>000011112222<d4>9 batch 100000<d9> tracking 00340434<d11>9"),
    ("memory", "Allowed memory size of 268435456 bytes exhausted (tried to allocate <d8> bytes) peak 128.5MB"),
    (
        "colour",
        "color: #<h6>; background: #<h6>; border: 1px solid #fff; --wp--preset--color--cyan-bluish-gray: #abb8c3",
    ),
    (
        "sql",
        "SELECT SQL_CALC_FOUND_ROWS wp_posts.ID FROM wp_posts WHERE 1=1 AND post_type = 'shop_order' ORDER BY post_date DESC LIMIT 0, <d2>",
    ),
    (
        "sql-create",
        "`option_name` varchar(191) NOT NULL DEFAULT '', PRIMARY KEY (`option_id`), UNIQUE KEY `option_name` (`option_name`)",
    ),
    ("locale", "locale de_DE_formal currency EUR timezone Europe/Berlin charset utf8mb4_unicode_520_ci"),
    ("status", "POST /wp-json/wc/v3/orders/<d5> HTTP/1.1\" 201 <d4> \"-\" \"WooCommerce/9.4.2 (WordPress/6.7)\""),
    (
        "private-ip",
        "10.0.<d1>.1<d1> - - [21/Nov/2026:10:15:42 +0000] \"GET / HTTP/1.1\" 200 <d4> upstream 127.0.0.1:9000 192.168.1.<d2>",
    ),
    ("code-password", "$password = get_option( 'smtp_password_<w>' );"),
    (
        "code-check",
        "if ( ! $password || empty( $token ) ) { return new WP_Error( 'missing_password', __( 'Password missing' ) ); }",
    ),
    ("code-hash", "$hash = wp_hash_password( $password ); $token = wp_generate_password( 20, false );"),
    ("code-key", "$api_key = isset( $settings['api_key'] ) ? $settings['api_key'] : '';"),
    ("code-env", "$secret = getenv( 'STRIPE_SECRET' ); const token = process.env.API_TOKEN;"),
    (
        "code-signature",
        "public function authenticate( string $username, #[\\SensitiveParameter] string $password ): bool {",
    ),
    ("code-js", "const token = await getToken(); headers.Authorization = `Bearer ${token}`;"),
    ("message", "ERROR: The password you entered for the username admin is incorrect. Lost your password?"),
    ("message-token", "Token expired. Refresh token missing. API key is required. Invalid secret given."),
    ("message-cookie", "Cookies are blocked or not supported by your browser. Cookie nonce is invalid"),
    ("counts", "prompt_tokens=<d3> completion_tokens=<d3> max_tokens=4096 total_tokens: <d4> cached_tokens: 0"),
    (
        "keys",
        "cache_key=wc_product_<d3>_related meta_key='_billing_total' sort_key=price array_key_exists(): primary key id",
    ),
    (
        "flags",
        "password_reset=true require_password: false show_password: 'yes' password_strength: 3 token_type=bearer",
    ),
    ("autoload", "wp_options: option_name=_transient_timeout_wc_report_<h32> autoload=no"),
    ("transient", "_transient_wc_product_loop_<h32> _site_transient_php_check_<h32>"),
    ("session-count", "session count 12, sessions: 14, session_id missing, auth: failed, key: none"),
    (
        "action-scheduler",
        "action 48<d3> (woocommerce_run_product_attribute_lookup_update_callback) group wc_update_product_lookup_tables",
    ),
    (
        "browser",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148",
    ),
    (
        "plugins",
        "advanced-custom-fields/acf.php, contact-form-7/wp-contact-form-7.php, wordpress-seo/wp-seo.php (24.0)",
    ),
    ("image", "logo@2x.png hero-1024x768.webp icon_<h8>.svg IMG_20261121_101542.jpg"),
    ("composer", "\"vendor/package\": \"^3.2\", \"reference\": \"<h40>\", \"shasum\": \"<h40>\""),
    ("docker", "docker.io/library/wordpress@sha256:<h64> container <h12> started"),
    ("mac", "eth0 02:42:ac:11:00:0<d1> mtu 1500 time 10:15:42 ratio 16:9"),
    (
        "cron",
        "a:3:{i:1732184<d3>;a:1:{s:17:\"wp_privacy_delete\";a:1:{s:32:\"<h32>\";a:2:{s:8:\"schedule\";s:6:\"hourly\";}}}}",
    ),
    (
        "serialized",
        "a:4:{s:5:\"width\";i:1200;s:6:\"height\";i:800;s:4:\"file\";s:18:\"2026/11/mug-12.jpg\";s:5:\"sizes\";a:0:{}}",
    ),
    ("encoded", "GET /?s=blue+mug%20large&orderby=price&filter%5Bcolor%5D=red HTTP/1.1"),
    ("price", "total 1.234,<d2> EUR (tax 19.00%) 3 x 49.90 = 149.70 discount -10.00"),
    ("coordinates", "lat 52.52<d4> lng 13.40<d4> zoom 12 size 1920x1080"),
    ("model", "model gpt-4o-2026-08-06 temperature 0.7 request req_<h32> finish_reason stop"),
    ("object-ids", "chatcmpl-<a29> run_<a24> evt_1Q<a22> in file-<a22>"),
    ("block", "<!-- wp:group {\"metadata\":{\"name\":\"Header\"},\"layout\":{\"type\":\"constrained\"}} -->"),
    ("opcache", "opcache hits 8<d5> misses 1<d3> keys 16229 memory_usage 94371840 blacklist_misses 0"),
    (
        "hook-name",
        "do_action( 'woocommerce_checkout_order_processed', <d5>, Array, Object(Automattic\\WooCommerce\\Admin\\Overrides\\Order) )",
    ),
    ("mask", "api_key=sk-...<a4> password=******** token: [hidden] secret=<redacted> card ************1111"),
    (
        "mail-log",
        "To: [email] Subject: [Shop] New order #<d5> Message-ID: hidden MIME-Version: 1.0 Content-Type: text/html; charset=UTF-8",
    ),
    (
        "posts-row",
        "INSERT INTO `wp_posts` VALUES (<d3>,1,'2026-11-01 10:00:00','2026-11-01 09:00:00','Hello','Hello world!','','publish','open','open','','hello','','','2026-11-01 10:00:00','2026-11-01 09:00:00','',0,'https://shop.example/?p=<d3>',0,'post','',1);",
    ),
    (
        "options-row",
        "INSERT INTO `wp_options` VALUES (1,'siteurl','https://shop.example','yes'),(2,'template','storefront','yes');",
    ),
    (
        "stats-row",
        "INSERT INTO `wp_wc_order_stats` VALUES (<d3>,0,'2026-11-01 10:00:00',2,49.9,0,0,49.9,1,'wc-processing',7);",
    ),
    (
        "create-columns",
        "CREATE TABLE `wp_x` (`id` bigint(20) unsigned NOT NULL, `first_name` text, `password` varchar(255), KEY `phone` (`phone`))",
    ),
    ("select-columns", "SELECT first_name, last_name, city, phone FROM wp_wc_customer_lookup WHERE customer_id = <d3>"),
    ("insert-select", "INSERT INTO `staff` (`id`, `password`, `email`) SELECT id, pass, mail FROM old"),
    ("insert-call", "$wpdb->insert( $table, array( 'first_name', 'last_name' ), array( '%s', '%s' ) );"),
    ("csv-header", "id,sku,name,price\n<d3>,MUG-<d3>,Blue Mug,12.00\n"),
    (
        "plugin-table",
        "| name        | status | version |\n+-------------+--------+---------+\n| woocommerce | active | 9.4.<d1>   |\n",
    ),
    ("product-json", "{\"name\":\"Blue Mug\",\"sku\":\"MUG-<d3>\",\"price\":\"12.00\"}"),
    (
        "code-member",
        "password = args.password; token = response.json()[\"access_token\"]; api_key = settings.OPENAI_API_KEY",
    ),
    ("code-input", "<input type=\"password\" name=\"pwd\" id=\"user_pass\" placeholder=\"Enter your password\" />"),
    ("code-stand-in", "dummy_password = \"gr33n-lantern\"; fakeToken: \"<a24>\""),
    ("openssl-file", "openssl rsa -in key.pem -passin file:/run/secrets/key -out key.out"),
    ("greeting-all", "Hello world! Dear customer, your order #<d5> is ready"),
];

/// Name and line of one lookalike.
pub(in super::super) fn draw(draw: &mut Draw) -> (&'static str, String) {
    let (name, form) = FORMS[draw.below(FORMS.len())];
    (name, fill(draw, form))
}

/// All forms, to report by name.
pub(in super::super) fn every(draw: &mut Draw) -> Vec<(&'static str, String)> {
    FORMS.iter().map(|(name, form)| (*name, fill(draw, form))).collect()
}
