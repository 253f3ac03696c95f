/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask: one function a class of aliases. Each does what makes the kernel run "modprobe ALIAS"; the
 * sources are the kernel's own callers of request_module(), Linux 6.1. What the kernel then answers
 * is of no interest: the module is there by then, or it is not.
 *
 * @rest: the alias after the prefix of its row in ask.c.
 *
 * Return: whether the alias was understood.
 */
#ifndef OAK_ASK_H
#define OAK_ASK_H

#include <stdbool.h>
#include <stdint.h>

/* A decimal number at *@text, which moves behind it. Return: it, or -1. */
int ask_number(const char **text);

/* Moves *@text behind @word. Return: whether it stood there. */
bool ask_skip(const char **text, const char *word);

/* netlink.c */
bool ask_generic(const char *rest);
bool ask_diag(const char *rest);
bool ask_netlink(const char *rest);
bool ask_rdma(const char *rest);
bool ask_link(const char *rest);
bool ask_qdisc(const char *rest);
bool ask_filter(const char *rest);
bool ask_action(const char *rest);
bool ask_xfrm(const char *rest);

/* netfilter.c */
bool ask_nfnetlink(const char *rest);
bool ask_ipt(const char *rest);
bool ask_ip6t(const char *rest);
bool ask_arpt(const char *rest);
bool ask_ebt(const char *rest);
bool ask_ipset(const char *rest);
bool ask_nft_expression(const char *rest);
bool ask_nft_object(const char *rest);

#endif
