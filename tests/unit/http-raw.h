/* SPDX-License-Identifier: GPL-2.0-or-later */
/* http-raw: bytes to a server on 127.0.0.1 and what it says, as they are: for requests no library sends. */
#ifndef OAK_HTTP_RAW_H
#define OAK_HTTP_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int raw_connect(uint16_t port);
/* The whole text; a server that has closed already is fine. */
void raw_send(int fd, const char *text);
/*
 * One answer: its head and as much body as its Content-Length or its chunks say (decoded); NUL at the end.
 * Return: its status; 0: the connection ended before; -1: nothing came for ten seconds.
 */
int raw_answer(int fd, bool head_only, char *ret, size_t size);
/* Has the server closed its side? Waits up to @ms for each piece of what it still says. */
bool raw_is_closed(int fd, int ms);
/* Is there something to read (or the end)? Waits up to @ms. */
bool raw_is_readable(int fd, int ms);

#endif
