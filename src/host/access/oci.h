/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oci: where the runtime's configuration of a container lies, and what of it matters here.
 *
 * The monitor of a container (containerd's shim, conmon) works in its bundle; otherwise the engines'
 * usual places. Only regular files of root are believed: who may write the file could hide what the
 * container is let do. Source: containerd 1.6, docker 20.10, podman 4.3, runc 1.1, crun 1.8 as seen.
 */
#ifndef OAK_HOST_ACCESS_OCI_H
#define OAK_HOST_ACCESS_OCI_H

#include "base/buf.h"
#include "host/container.h"

/* True where it was found: @ret is its text. */
bool oci_read(int root, const struct container *c, struct buf *ret);

#endif
