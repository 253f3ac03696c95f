#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rules that web/templates keep (src/fleet/web/template.h says why): checked in their text, before anything is
# rendered. And the rules themselves are checked by templates that break them.
# shellcheck disable=SC2154 # set by the libraries
set -u
: "${BUILD:?}" "${TMPDIR:?}"
. tests/cli/lib.sh

# lint FILE... - a line for each rule that one breaks
lint() {
    perl -0777 -ne '
        sub bad { print "$ARGV: $_[0]\n"; }
        my $t = $_;
        $t =~ s/\{\{!.*?\}\}//gs;
        bad("no comment at its head says what it is for") unless /\A\{\{!/;
        bad("a raw value") if $t =~ /\{\{[{&]/;
        bad("a script, or a style, with text in it") if $t =~ /<style|<script[^>]*>\s*[^<\s]/;
        bad("a handler or a style as an attribute: $1") if $t =~ /<[^>]*\s(on[a-z]+|style|srcdoc)\s*=/;
        # Values stand in text, or in an attribute in quotes; a section may stand around whole attributes.
        while ($t =~ /<([a-z][a-z0-9]*)((?:[^"<>]|"[^"]*")*)>/g) {
            my ($tag, $rest) = ($1, $2);
            while ($rest =~ /([a-z-]+)="([^"]*)"/g) {
                my ($name, $value) = ($1, $2);
                # What begins with a value is looked at when it is rendered.
                bad("<$tag $name> leads away: $value")
                    if $name =~ /^(href|src|action|formaction|poster|data|cite)$/ && $value !~ m{^(/(?!/)|\#|\?|$|\{\{)};
            }
            my $outside = $rest;
            $outside =~ s/"[^"]*"/Q/g;
            $outside =~ s/\{\{[#^\/][^}]*\}\}//g;
            bad("<$tag> has a value outside of quotes") if $outside =~ /\{\{/;
            bad("<$tag> has an attribute without quotes") if $outside =~ /=\s*(?!Q)[^\s>]|\x27/;
        }
        bad("<!-- --> goes to every browser: use {{! }}") if $t =~ /<!--/;
        while ($t =~ m{<form\b(.*?)</form>}gs) {
            my $form = $1;
            bad("a form that changes something has no csrf") if $form =~ /\A[^>]*method="post"/ &&
                $form !~ /<input type="hidden" name="csrf" value="\{\{csrf\}\}">/ && $form !~ /\{\{>[a-z-]*(csrf|fields)/;
        }
        while ($t =~ m{(aria-label(?:ledby)?="[^"]*"[^>]*>\s*)?<table\b(.*?)</table>}gs) {
            my ($named, $table) = ($1, $2);
            bad("a table has no caption, nor a region with a name") unless $named || $table =~ /<caption/;
            bad("a head of a table has no scope") if $table =~ /<th(?![a-z])(?![^>]*\bscope=)/;
        }
        my %for = map { $_ => 1 } $t =~ /<label[^>]*\bfor="([^"]*)"/g;
        my $bare = $t;
        $bare =~ s{<label\b[^>]*>.*?</label>}{}gs;
        while ($bare =~ /<(input|select|textarea)\b([^>]*)>/g) {
            my ($tag, $rest) = ($1, $2);
            next if $rest =~ /type="(hidden|submit)"/ || $rest =~ /aria-label(ledby)?="/;
            bad("<$tag$rest> has no label") unless $rest =~ /\bid="([^"]*)"/ && $for{$1};
        }
    ' -- "$@"
}

lint web/templates/*.html >"$out" 2>"$err"
[ ! -s "$out" ] && [ ! -s "$err" ]
result $? 'each template keeps the rules'
cp web/meson.build "$out"
missing=0
for file in web/templates/*.html; do
    grep -q "'templates/${file##*/}'" web/meson.build || { echo "$file is not in web/meson.build" >>"$err" && missing=1; }
done
result "$missing" 'each template is in the program'

breaks() { # WHAT RULE TEMPLATE
    printf '{{! a test }}%s' "$3" >"$TMPDIR/bad.html"
    lint "$TMPDIR/bad.html" >"$out" 2>"$err"
    grep -qF "$2" "$out"
    result $? "a template breaks them: $1"
}

breaks 'a raw value' 'a raw value' '<p>{{{x}}}</p>'
breaks 'a raw value, with an ampersand' 'a raw value' '<p>{{&x}}</p>'
breaks 'a value in a script' 'with text in it' '<script>{{x}}</script>'
breaks 'a style' 'with text in it' '<style>a{}</style>'
breaks 'a handler' 'onclick' '<p onclick="x()">'
breaks 'a style attribute' 'style' '<p style="color: {{x}}">'
breaks 'a value without quotes' 'outside of quotes' '<p class={{x}}>'
breaks 'a value as a name' 'outside of quotes' '<p {{x}}>'
breaks 'quotes of another kind' 'without quotes' "<p class='{{x}}'>"
breaks 'a link with a scheme' 'leads away' '<a href="https://{{x}}">y</a>'
breaks 'a link whose host is a value' 'leads away' '<a href="//{{x}}">y</a>'
breaks 'a form to elsewhere' 'leads away' '<form action="evil">'
breaks 'a form without csrf' 'no csrf' '<form method="post" action="/a"><button>y</button></form>'
breaks 'a table without a caption' 'no caption' '<table><tr><th scope="col">a</th></tr></table>'
breaks 'a head without a scope' 'no scope' '<table><caption>c</caption><tr><th>a</th></tr></table>'
breaks 'a field without a label' 'no label' '<input name="a" id="a">'
breaks 'a comment that is sent' 'goes to every browser' '<!-- x -->'
exit "$failed"
