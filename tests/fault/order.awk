# SPDX-License-Identifier: GPL-2.0-or-later
# Reads the log of shim.c: is what a power cut could take away on the disk in time? A file is fsynced
# before it gets its name; the folders that hold new names are fsynced before timestamp.json, which
# makes them current, and at the end. Prints what is not.

function folder(path) {
    sub(/\/[^\/]*$/, "", path)
    return path
}

function check(when, dir) {
    for (dir in unsynced)
        print "the folder \"" dir "\" is not fsynced " when
}

# A lock is nothing that must last, nor is what an import unpacks.
$2 ~ /lock$/ || $2 ~ /\/\.import(\/|$)/ { next }

$1 == "open" || $1 ~ /^write/ { dirty[$2] = 1 }
$1 == "fsync" || $1 == "fdatasync" {
    delete dirty[$2]
    delete unsynced[$2]
}
$1 == "mkdir" { unsynced[folder($2)] = 1 }
$1 == "from" && $2 in dirty { print $2 " is renamed before it is fsynced" }
$1 == "rename" {
    if ($2 ~ /\/timestamp\.json$/)
        check("before timestamp.json is there")
    unsynced[folder($2)] = 1
}
END { check("in the end") }
