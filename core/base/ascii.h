/*
 * ASCII character classes, independent of the locale.
 *
 * Bytes above 127 belong to no class but MV_ASCII_UTF8.  Classes are bits, so
 * they combine: mv_ascii_is(c, MV_ASCII_ALPHA | MV_ASCII_DIGIT).
 */
#ifndef MV_BASE_ASCII_H
#define MV_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MV_ASCII_ALPHA = 1 << 0,
    MV_ASCII_DIGIT = 1 << 1,
    MV_ASCII_HEX = 1 << 2,   /* 0-9 A-F a-f */
    MV_ASCII_WSP = 1 << 3,   /* SP HTAB */
    MV_ASCII_CRLF = 1 << 4,  /* CR LF */
    MV_ASCII_VCHAR = 1 << 5, /* %x21-7E */
    MV_ASCII_ATEXT = 1 << 6, /* RFC 5322 3.2.3 */
    MV_ASCII_TOKEN = 1 << 7, /* RFC 2045 5.1 */
    MV_ASCII_FTEXT = 1 << 8, /* field name, RFC 5322 3.6.8 */
    MV_ASCII_UTF8 = 1 << 9,  /* %x80-FF */
    MV_ASCII_CTL = 1 << 10,  /* %x00-1F, %x7F */
    MV_ASCII_LDH = 1 << 11,  /* letter, digit, hyphen, underscore: host and RR names */

    MV_ASCII_ALNUM = MV_ASCII_ALPHA | MV_ASCII_DIGIT,
    MV_ASCII_FWS = MV_ASCII_WSP | MV_ASCII_CRLF
};

/* For mv_ascii_is() only, which is inline because every parser asks it for every byte. */
extern const unsigned short mv_ascii_class_bits[256];

/* c is a byte, or -1 (end of input), which is in no class. */
static inline bool mv_ascii_is(int c, unsigned classes)
{
    return c >= 0 && (mv_ascii_class_bits[c & 0xff] & classes) != 0;
}

/* A-Z to a-z; every other byte unchanged. */
static inline unsigned char mv_ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

/* 0 to 15, or -1. */
int mv_ascii_hex_value(int c);

#endif
