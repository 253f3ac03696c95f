/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * assets: the files of web/ that are not templates, in the program: style, script, icons. Made by web/build.sh, which
 * puts a hash of its bytes into the name of what is kept for a year.
 */
#ifndef OAK_FLEET_WEB_ASSETS_H
#define OAK_FLEET_WEB_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

struct asset {
	const char *name; /* "app.0123456789.css"; NULL: the last one */
	const char *type;
	const char *etag;          /* in quotes */
	bool forever;              /* its name changes with its bytes */
	const unsigned char *data; /* as it is */
	size_t len;
	const unsigned char *gzip; /* NULL: not worth it */
	size_t gzip_len;
};

extern const struct asset web_assets[];

/* The name of the style and of the script; "": this program was built without one. */
extern const char web_style[], web_script[];

#endif
