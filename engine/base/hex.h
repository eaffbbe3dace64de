/** Hexadecimal digits. */
#ifndef REDRESS_BASE_HEX_H
#define REDRESS_BASE_HEX_H

/** The value of a digit with a small letter or none, as the engine itself writes them; else -1. */
static inline int hex_digit_small(int byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/** The value of a digit of either case; else -1. */
static inline int hex_digit(int byte)
{
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : hex_digit_small(byte);
}

#endif
