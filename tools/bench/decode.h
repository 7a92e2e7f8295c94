/* The typed decode of the frames that the load sends.
 *
 * 1. Every field is checked for its type and limits; an unknown one is refused, as in the product.
 * 2. Texts with escapes or beyond ASCII are refused: the load sends none.
 */
#ifndef DECODE_H
#define DECODE_H

#include "wire.h"

enum kind { UNREADABLE, MESSAGE, RESUME };

struct message {
    struct span type, session, nonce, data, time, sender;
};

enum kind decode(struct span payload, struct message *m);

#endif
