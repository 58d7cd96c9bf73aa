/* STUN as a client of a relay writes and reads it (RFC 8489, RFC 8656): only what the load needs. */

#pragma once
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE 0x2112A442u
enum { ALLOCATE = 0x003, REFRESH = 0x004, SEND = 0x016, DATA_CAME = 0x017, CREATE_PERMISSION = 0x008, CHANNEL_BIND = 0x009 };
enum { ANSWER = 0x100, REFUSAL = 0x110 }; /* bits of a message's type */
enum { USERNAME = 0x06, INTEGRITY = 0x08, ERROR_CODE = 0x09, CHANNEL_NUMBER = 0x0c, LIFETIME = 0x0d, XOR_PEER_ADDRESS = 0x12,
       DATA = 0x13, REALM = 0x14, NONCE = 0x15, XOR_RELAYED_ADDRESS = 0x16, REQUESTED_TRANSPORT = 0x19 };
enum { HEADER = 20, TRANSACTION = 8, TRANSACTION_SIZE = 12, CHANNEL_HEADER = 4, LONGEST = 2048, LONGEST_TEXT = 256 };

struct message {
    size_t length;
    uint8_t bytes[LONGEST];
};

struct credentials {
    char user[LONGEST_TEXT], password[LONGEST_TEXT], realm[LONGEST_TEXT];
    uint8_t key[16]; /* once the realm is known */
    int known;
};

static void put16(uint8_t *at, unsigned value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16), put16(at + 2, value & 0xffff); }
static unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static size_t padded(size_t length) { return (length + 3) & ~(size_t)3; }

static void begin_message(struct message *message, unsigned type) {
    put16(message->bytes, type);
    put16(message->bytes + 2, 0);
    put32(message->bytes + 4, COOKIE);
    for (int at = TRANSACTION; at < HEADER; at++) message->bytes[at] = (uint8_t)random();
    message->length = HEADER;
}

/* Returns where the value is to be written; the padding is zero. */
static uint8_t *add_room(struct message *message, unsigned name, size_t size) {
    uint8_t *at = message->bytes + message->length;
    if (message->length + 4 + padded(size) > LONGEST) fprintf(stderr, "too long for a message\n"), exit(2);
    put16(at, name), put16(at + 2, (unsigned)size);
    memset(at + 4 + size, 0, padded(size) - size);
    message->length += 4 + padded(size);
    put16(message->bytes + 2, (unsigned)(message->length - HEADER));
    return at + 4;
}

static void add(struct message *message, unsigned name, const void *value, size_t size) {
    memcpy(add_room(message, name, size), value, size);
}

static void add_address(struct message *message, unsigned name, const struct sockaddr_in *address) {
    uint8_t *at = add_room(message, name, 8);
    put16(at, 1); /* IPv4 */
    put16(at + 2, ntohs(address->sin_port) ^ COOKIE >> 16);
    put32(at + 4, ntohl(address->sin_addr.s_addr) ^ COOKIE);
}

static struct sockaddr_in address_of(const uint8_t *value) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(get16(value + 2) ^ COOKIE >> 16))};
    address.sin_addr.s_addr = htonl(get32(value + 4) ^ COOKIE);
    return address;
}

/* NULL if it is not there, or runs past the end. */
static const uint8_t *find(const uint8_t *bytes, size_t length, unsigned name, size_t *size) {
    for (size_t at = HEADER; at + 4 <= length; at += 4 + padded(*size)) {
        *size = get16(bytes + at + 2);
        if (at + 4 + *size > length) return NULL;
        if (get16(bytes + at) == name) return bytes + at + 4;
    }
    return NULL;
}

static int find_text(const uint8_t *bytes, size_t length, unsigned name, char *text) {
    size_t size;
    const uint8_t *value = find(bytes, length, name, &size);
    if (!value || size >= LONGEST_TEXT) return 0;
    memcpy(text, value, size), text[size] = 0;
    return 1;
}

/* RFC 8489 section 9.2.2: long-term credentials. */
static void learn_realm(struct credentials *mine) {
    char all[3 * LONGEST_TEXT];
    int length = snprintf(all, sizeof all, "%s:%s:%s", mine->user, mine->realm, mine->password);
    mine->known = EVP_Digest(all, (size_t)length, mine->key, NULL, EVP_md5(), NULL);
}

static void sign(struct message *message, const struct credentials *mine, const char *nonce) {
    add(message, USERNAME, mine->user, strlen(mine->user));
    add(message, REALM, mine->realm, strlen(mine->realm));
    add(message, NONCE, nonce, strlen(nonce));
    uint8_t *code = add_room(message, INTEGRITY, 20); /* which counts in the length that is signed */
    HMAC(EVP_sha1(), mine->key, sizeof mine->key, message->bytes, (size_t)(code - 4 - message->bytes), code, NULL);
}

/* A name that is good for an hour, and its password: what coturn calls use-auth-secret. */
static void mint(struct credentials *mine, const char *secret, const char *user, long long now) {
    uint8_t code[20];
    snprintf(mine->user, LONGEST_TEXT, "%lld:%s", now + 3600, user);
    HMAC(EVP_sha1(), secret, (int)strlen(secret), (const uint8_t *)mine->user, strlen(mine->user), code, NULL);
    EVP_EncodeBlock((uint8_t *)mine->password, code, sizeof code);
}
