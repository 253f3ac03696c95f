/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink: the links and the nftables tables of one network namespace, as the kernel answers.
 *
 * A socket belongs to the namespace that it was made in, whichever its maker enters later.
 * Nothing is asked of a family that is not in the kernel: asking would load it.
 * Source: linux/rtnetlink.h, linux/if_link.h, linux/netfilter/nf_tables.h.
 */
#ifndef OAK_HOST_MODULES_NETLINK_H
#define OAK_HOST_MODULES_NETLINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define NETLINK_NAME_MAX 64

enum netlink_what {
	NETLINK_LINK,  /* name, kind, slave_kind */
	NETLINK_TABLE, /* of nftables: name */
};

enum netlink_found {
	NETLINK_ITEM,
	NETLINK_OTHER,  /* a message that says nothing here */
	NETLINK_DONE,   /* the answer is complete */
	NETLINK_FAILED, /* the kernel says no, or what came is damaged */
	NETLINK_MORE,   /* the bytes are used up */
};

/* Texts as the kernel gave them, cut, "" where there is none. */
struct netlink_item {
	char name[NETLINK_NAME_MAX];
	char kind[NETLINK_NAME_MAX];       /* "veth" */
	char slave_kind[NETLINK_NAME_MAX]; /* "bridge": what the link is a port of */
};

/* Pure: the message at *@data, which then points behind it. */
enum netlink_found netlink_next(enum netlink_what what, const uint8_t **data, size_t *left,
				struct netlink_item *ret);

/* A socket in the namespace that this process is in, or -errno. */
int netlink_open(enum netlink_what what);

/**
 * netlink_each() - asks for all of them
 * @fn: a negative return ends it and is returned
 *
 * Waits at most NETLINK_TIMEOUT_MS for each part. Return: 0, what @fn returned, or -OAK_E_IO.
 */
#define NETLINK_TIMEOUT_MS 2000
int netlink_each(int fd, enum netlink_what what,
		 int (*fn)(void *ctx, const struct netlink_item *item, struct oak_error *err),
		 void *ctx, struct oak_error *err);

#endif
