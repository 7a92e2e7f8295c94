/* SHA-1 for the handshake, SHA-256 for tokens (FIPS 180-4), Base64.
 *
 * 1. Used once a connection, so it is short rather than fast.
 */
#include "wire.h"

#include <string.h>

static uint32_t left(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static uint32_t right(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

typedef void round_function(uint32_t *state, const uint32_t *words);

static void sha1_round(uint32_t *s, const uint32_t *words)
{
    static const uint32_t added[4] = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};
    uint32_t w[80], a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
    memcpy(w, words, 64);
    for (int i = 16; i < 80; i++)
        w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i >= 40 && i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        uint32_t next = left(a, 5) + f + e + added[i / 20] + w[i];
        e = d, d = c, c = left(b, 30), b = a, a = next;
    }
    s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e;
}

static const uint32_t K256[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static void sha256_words(uint32_t w[64], const uint32_t *words)
{
    memcpy(w, words, 64);
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (right(x, 7) ^ right(x, 18) ^ x >> 3) + w[i - 7] + (right(y, 17) ^ right(y, 19) ^ y >> 10);
    }
}

static void sha256_round(uint32_t *s, const uint32_t *words)
{
    uint32_t w[64], v[8];
    sha256_words(w, words);
    memcpy(v, s, 32);
    for (int i = 0; i < 64; i++) {
        uint32_t a = v[0], e = v[4];
        uint32_t one = v[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + K256[i] + w[i];
        uint32_t two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 28);
        v[4] += one;
        v[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        s[i] += v[i];
}

static void block(uint32_t *state, const unsigned char *bytes, round_function *round)
{
    uint32_t words[16];
    for (int i = 0; i < 16; i++, bytes += 4)
        words[i] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    round(state, words);
}

static void digest(uint32_t *state, const unsigned char *data, size_t length, round_function *round)
{
    unsigned char last[128] = {0};
    size_t rest = length % 64, size = rest < 56 ? 64 : 128;
    for (size_t i = 0; i + 64 <= length; i += 64)
        block(state, data + i, round);
    memcpy(last, data + length - rest, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < 8; i++)
        last[size - 1 - i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
    for (size_t i = 0; i < size; i += 64)
        block(state, last + i, round);
}

static void big_endian(const uint32_t *state, size_t words, unsigned char *bytes)
{
    for (size_t i = 0; i < words * 4; i++)
        bytes[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha1(const void *data, size_t length, unsigned char out[20])
{
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    digest(state, data, length, sha1_round);
    big_endian(state, 5, out);
}

void sha256_hex(const void *data, size_t length, char hex[65])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char bytes[32];
    digest(state, data, length, sha256_round);
    big_endian(state, 8, bytes);
    for (int i = 0; i < 64; i++)
        hex[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
    hex[64] = 0;
}

void base64(const unsigned char *data, size_t length, char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)data[i] << 16;
        three |= i + 1 < length ? (uint32_t)data[i + 1] << 8 : 0;
        three |= i + 2 < length ? data[i + 2] : 0;
        *text++ = letters[three >> 18];
        *text++ = letters[three >> 12 & 63];
        *text++ = i + 1 < length ? letters[three >> 6 & 63] : '=';
        *text++ = i + 2 < length ? letters[three & 63] : '=';
    }
    *text = 0;
}

void accept_key(struct span key, char text[29])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char both[128];
    unsigned char hashed[20];
    size_t length = key.length < 64 ? key.length : 64;
    memcpy(both, key.at, length);
    memcpy(both + length, guid, sizeof guid - 1);
    sha1(both, length + sizeof guid - 1, hashed);
    base64(hashed, 20, text);
}
