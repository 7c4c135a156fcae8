<?php
/**
 * Plugin Name: Allclear gate
 * Description: Asks Allclear before an automation runs. Whatever is not a clear "open" means: do not run.
 * Requires PHP: 7.4
 *
 * Put this file into wp-content/mu-plugins/ and set, in wp-config.php:
 *
 *     define('ALLCLEAR_BASE_URL', 'https://allclear.example.org');
 *     define('ALLCLEAR_TOKEN', 'allclear_…');         // the automation's own token
 *     define('ALLCLEAR_PUBLIC_KEYS', '{"keys":[…]}'); // optional: pins /.well-known/allclear-keys.json
 *     define('ALLCLEAR_LEASE_SKEW_SECONDS', 30);      // optional: how far clocks may differ
 *
 * Then, before each run, one function or one filter:
 *
 *     if (!allclear_may_run('order-mails')) { return; }
 *     if (!apply_filters('allclear_may_run', false, 'order-mails', 'production')) { return; }
 *
 * A lease is checked offline when PHP has sodium, and is then good until it ends: a pause takes effect within the lease's
 * time. Without sodium the server is asked each time. It works outside WordPress as well, with nothing but PHP.
 */

declare(strict_types=1);

if (!function_exists('allclear_may_run')) {
    /**
     * May this automation run now? False whenever that is not certain: closed, unreachable, forged, misconfigured.
     *
     * @param mixed $automation  Slug of the automation.
     * @param mixed $environment production or staging.
     * @param mixed $scope       The least scope that the run needs: read_only, narrow or normal.
     */
    function allclear_may_run($automation, $environment = 'production', $scope = 'read_only'): bool
    {
        try {
            return Allclear_Gate::may_run($automation, $environment, $scope);
        } catch (\Throwable $problem) {
            return false;
        }
    }

    if (function_exists('add_filter')) {
        add_filter('allclear_may_run', static function ($may, $automation = '', $environment = 'production', $scope = 'read_only') {
            return allclear_may_run($automation, $environment, $scope);
        }, 10, 4);
    }

    /** What the function does; nothing here is meant to be called from elsewhere. */
    final class Allclear_Gate
    {
        private const SCOPES = ['read_only' => 0, 'narrow' => 1, 'normal' => 2];
        private const LEASE_TYPE = 'allclear-lease+jwt';
        private const SKEW_SECONDS = 30;
        private const SKEW_SECONDS_MAX = 300;
        private const TIMEOUT_SECONDS = 4;
        private const ANSWER_MAX = 1048576;
        private const KEYS_KEPT_SECONDS = 3600;

        /** @var array<string, array{value: mixed, until: int}> What this process knows. */
        private static $kept = [];

        public static function may_run($automation, $environment, $scope): bool
        {
            if (!is_string($automation) || !preg_match('/\A[a-z0-9_-]{1,100}\z/i', $automation)) {
                return false;
            }
            if (!in_array($environment, ['production', 'staging'], true) || !isset(self::SCOPES[$scope])) {
                return false;
            }
            $place = 'lease_' . md5(self::setting('ALLCLEAR_BASE_URL') . "\n" . self::setting('ALLCLEAR_TOKEN') . "\n$automation\n$environment");
            $lease = self::recall($place);
            // What is kept is checked like what comes over the wire: somebody may have written it.
            $claims = is_string($lease) && self::can_verify() ? self::verified($lease, $automation, $environment, 0) : null;
            if ($claims === null) {
                $lease = self::ask($automation, $environment);
                if ($lease === null) {
                    return false;
                }
                if (!self::can_verify()) {
                    // The server itself said "open" just now, over a connection that can be trusted. Nothing is kept.
                    return self::wide_enough(self::claims($lease), $scope);
                }
                $claims = self::verified($lease, $automation, $environment, self::skew());
                if ($claims === null) {
                    return false;
                }
                self::keep($place, $lease, min($claims['exp'] - $claims['iat'], $claims['exp'] - time()));
            }
            return self::wide_enough($claims, $scope);
        }

        /** The lease that an open gate gives; null when it is not open. */
        private static function ask(string $automation, string $environment): ?string
        {
            [$status, $answer] = self::get('/api/v1/gate/' . rawurlencode($automation) . '?environment=' . $environment);
            $open = $status === 200 && is_array($answer) && ($answer['verdict'] ?? null) === 'open';
            return $open && is_string($answer['lease'] ?? null) ? $answer['lease'] : null;
        }

        /** The claims of a lease for exactly this, signed by a published key; null when anything is amiss. */
        private static function verified(string $lease, string $automation, string $environment, int $skew): ?array
        {
            $parts = explode('.', $lease);
            if (count($parts) !== 3) {
                return null;
            }
            $header = json_decode(self::decoded($parts[0]), true);
            if (!is_array($header) || ($header['alg'] ?? null) !== 'EdDSA' || ($header['typ'] ?? null) !== self::LEASE_TYPE
                || isset($header['crit']) || !is_string($header['kid'] ?? null)) {
                return null;
            }
            $key = self::key($header['kid']);
            $signature = self::decoded($parts[2]);
            if ($key === null || strlen($signature) !== SODIUM_CRYPTO_SIGN_BYTES
                || !sodium_crypto_sign_verify_detached($signature, "$parts[0].$parts[1]", $key)) {
                return null;
            }
            $claims = self::claims($lease);
            $now = time();
            $holds = $claims !== null && $claims['iss'] === 'allclear' && $claims['sub'] === $automation
                && $claims['environment'] === $environment && $claims['iat'] < $claims['exp']
                && $claims['iat'] <= $now + $skew && $now < $claims['exp'] + $skew;
            return $holds ? $claims : null;
        }

        /** What a lease says, believed or not; null when it is none. */
        private static function claims(string $lease): ?array
        {
            $claims = json_decode(self::decoded(explode('.', $lease)[1] ?? ''), true);
            if (!is_array($claims)) {
                return null;
            }
            foreach (['iss', 'sub', 'environment', 'scope'] as $name) {
                if (!is_string($claims[$name] ?? null)) {
                    return null;
                }
            }
            return is_int($claims['iat'] ?? null) && is_int($claims['exp'] ?? null) ? $claims : null;
        }

        private static function wide_enough(?array $claims, string $scope): bool
        {
            $given = self::SCOPES[$claims['scope'] ?? ''] ?? -1;
            return $given >= self::SCOPES[$scope];
        }

        /** The public key of this name: pinned, known, or fetched when it is new. */
        private static function key(string $kid): ?string
        {
            $pinned = self::setting('ALLCLEAR_PUBLIC_KEYS');
            if ($pinned !== '') {
                return self::find_key(json_decode($pinned, true), $kid);
            }
            $place = 'keys_' . md5(self::setting('ALLCLEAR_BASE_URL'));
            $key = self::find_key(self::recall($place), $kid);
            if ($key === null) {
                [$status, $document] = self::get('/.well-known/allclear-keys.json');
                $key = $status === 200 ? self::find_key($document, $kid) : null;
                if ($key !== null) {
                    self::keep($place, $document, self::KEYS_KEPT_SECONDS);
                }
            }
            return $key;
        }

        private static function find_key($document, string $kid): ?string
        {
            foreach (is_array($document) && is_array($document['keys'] ?? null) ? $document['keys'] : [] as $key) {
                if (is_array($key) && ($key['kid'] ?? null) === $kid && ($key['crv'] ?? null) === 'Ed25519' && is_string($key['x'] ?? null)) {
                    $bytes = self::decoded($key['x']);
                    return strlen($bytes) === SODIUM_CRYPTO_SIGN_PUBLICKEYBYTES ? $bytes : null;
                }
            }
            return null;
        }

        /** @return array{0: int, 1: mixed} Status (0: no answer) and decoded JSON. */
        private static function get(string $path): array
        {
            $base = rtrim(self::setting('ALLCLEAR_BASE_URL'), '/');
            $token = self::setting('ALLCLEAR_TOKEN');
            $local = preg_match('#\Ahttp://(127\.[0-9.]+|localhost|\[::1\])(:[0-9]+)?\z#', $base) === 1;
            // A token is sent in the clear to this machine only.
            if (!preg_match('/\A[!-~]+\z/', $token) || !($local || strncmp($base, 'https://', 8) === 0)) {
                return [0, null];
            }
            $headers = ['Authorization' => "Bearer $token", 'Accept' => 'application/json'];
            [$status, $body] = function_exists('wp_remote_get')
                ? self::get_by_wordpress($base . $path, $headers)
                : self::get_by_stream($base . $path, $headers);
            return [$status, strlen($body) < self::ANSWER_MAX ? json_decode($body, true) : null];
        }

        private static function get_by_wordpress(string $url, array $headers): array
        {
            $answer = wp_remote_get($url, [
                'headers' => $headers, 'timeout' => self::TIMEOUT_SECONDS, 'redirection' => 0,
                'limit_response_size' => self::ANSWER_MAX,
            ]);
            if (is_wp_error($answer)) {
                return [0, ''];
            }
            return [(int) wp_remote_retrieve_response_code($answer), (string) wp_remote_retrieve_body($answer)];
        }

        private static function get_by_stream(string $url, array $headers): array
        {
            $lines = '';
            foreach ($headers as $name => $value) {
                $lines .= "$name: $value\r\n";
            }
            $context = stream_context_create(['http' => [
                'header' => $lines, 'timeout' => self::TIMEOUT_SECONDS, 'follow_location' => 0, 'ignore_errors' => true,
                'protocol_version' => 1.1,
            ]]);
            $stream = @fopen($url, 'rb', false, $context);
            if ($stream === false) {
                return [0, ''];
            }
            $status = 0;
            foreach (stream_get_meta_data($stream)['wrapper_data'] ?? [] as $line) {
                if (is_string($line) && preg_match('#\AHTTP/[0-9.]+ ([0-9]{3})#', $line, $found)) {
                    $status = (int) $found[1];
                }
            }
            $body = stream_get_contents($stream, self::ANSWER_MAX);
            fclose($stream);
            return [$status, is_string($body) ? $body : ''];
        }

        private static function can_verify(): bool
        {
            return function_exists('sodium_crypto_sign_verify_detached');
        }

        private static function skew(): int
        {
            $skew = defined('ALLCLEAR_LEASE_SKEW_SECONDS') ? (int) constant('ALLCLEAR_LEASE_SKEW_SECONDS') : self::SKEW_SECONDS;
            return max(0, min($skew, self::SKEW_SECONDS_MAX));
        }

        private static function setting(string $name): string
        {
            $value = defined($name) ? constant($name) : getenv($name);
            return is_string($value) ? trim($value) : '';
        }

        /** In this process, and in WordPress for the requests that follow. */
        private static function keep(string $place, $value, int $seconds): void
        {
            if ($seconds <= 0) {
                return;
            }
            self::$kept[$place] = ['value' => $value, 'until' => time() + $seconds];
            if (function_exists('set_transient')) {
                set_transient("allclear_$place", $value, $seconds);
            }
        }

        private static function recall(string $place)
        {
            $kept = self::$kept[$place] ?? null;
            if ($kept !== null) {
                return time() < $kept['until'] ? $kept['value'] : null;
            }
            return function_exists('get_transient') ? get_transient("allclear_$place") : null;
        }

        private static function decoded(string $text): string
        {
            $bytes = base64_decode(strtr($text, '-_', '+/'), true);
            return is_string($bytes) ? $bytes : '';
        }
    }
}
