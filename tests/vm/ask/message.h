/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message: netlink messages, made and sent. The kernel works on them before send() returns.
 *
 * A buffer that is full is the end of the program: what is sent here is short.
 */
#ifndef OAK_MESSAGE_H
#define OAK_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX 2048

struct message {
	_Alignas(8) unsigned char bytes[MESSAGE_MAX];
	size_t len;
	size_t head; /* where the last netlink header lies */
};

/* Another message behind those that are there, with the bytes of its family's own header. */
void message_start(struct message *m, unsigned type, unsigned flags, const void *head, size_t len);
void message_attr(struct message *m, unsigned type, const void *data, size_t len);
void message_text(struct message *m, unsigned type, const char *text);
void message_be32(struct message *m, unsigned type, uint32_t value);

/* An attribute of attributes; what begin says is for end. */
size_t message_begin(struct message *m, unsigned type);
void message_end(struct message *m, size_t at);

void message_send(const struct message *m, int protocol);

#endif
