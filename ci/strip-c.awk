# SPDX-License-Identifier: GPL-2.0-or-later
# Prints "file:line:code" of C files without comments and without what stands in quotes (file names
# of #include stay), so that a grep over it finds code only.
FNR == 1 { in_comment = 0 }
{
    line = $0
    out = ""
    quote = ""
    include = line ~ /^[ \t]*#[ \t]*include/
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                i++
            }
        } else if (quote != "") {
            if (c == "\\")
                i++
            else if (c == quote)
                quote = ""
            if (quote == "")
                out = out c
        } else if (two == "/*") {
            in_comment = 1
            i++
        } else if ((c == "\"" || c == "'") && !include) {
            quote = c
            out = out c
        } else {
            out = out c
        }
    }
    if (out ~ /[^ \t]/)
        print FILENAME ":" FNR ":" out
}
