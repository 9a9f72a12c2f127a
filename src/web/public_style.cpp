// SPDX-License-Identifier: EUPL-1.2
#include "web/public_html.h"

namespace fernamt::web {

// Colours with a contrast of at least 4.5 : 1 in both schemes; sizes follow the reader's own.
std::string_view public_style() {
    return R"(:root{color-scheme:light dark;--text:#171a2b;--grund:#fff;--leise:#4a4f63;--rand:#767c93;
--flaeche:#f2f3f8;--tun:#1f3fa8;--auf:#fff}
@media (prefers-color-scheme:dark){:root{--text:#eceef7;--grund:#14172a;--leise:#b9bfd6;
--rand:#8a91ab;--flaeche:#20243c;--tun:#a9bcff;--auf:#14172a}}
*{box-sizing:border-box}
html{font-size:112.5%}
body{margin:0 auto;max-width:46rem;padding:0 1rem 2rem;background:var(--grund);color:var(--text);
font-family:system-ui,"Fira Sans","Liberation Sans",sans-serif;line-height:1.55;
overflow-wrap:break-word;hyphens:auto}
a{color:var(--tun);text-underline-offset:.2em}
a:focus-visible,input:focus-visible,button:focus-visible,h2:focus-visible,main:focus-visible{
outline:3px solid var(--tun);outline-offset:3px}
main:focus{outline:none}
.sprung{position:absolute;left:-99rem;padding:.5rem 1rem;background:var(--grund)}
.sprung:focus{left:1rem;top:.5rem}
header{padding:1rem 0;border-bottom:1px solid var(--rand)}
.sprache{float:right;margin:0}
.ort{margin:0 0 .75rem;font-size:1.25rem;font-weight:600}
.ort a{text-decoration:none}
.suche label{display:block;margin-bottom:.25rem}
.suche div{display:flex;flex-wrap:wrap;gap:.5rem}
.suche input{flex:1 1 12rem;min-width:0;min-height:2.75rem;padding:.25rem .75rem;font:inherit;
color:inherit;background:var(--grund);border:1px solid var(--rand);border-radius:.5rem}
.suche button{min-height:2.75rem;padding:.25rem 1.25rem;font:inherit;font-weight:600;
color:var(--auf);background:var(--tun);border:1px solid var(--tun);border-radius:.5rem}
.weg{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0 0;padding:0;list-style:none}
h1{margin:1.5rem 0 .5rem;font-size:1.75rem;line-height:1.2}
h2{margin:1.75rem 0 .25rem;font-size:1.25rem;line-height:1.3}
h3{margin:1rem 0 .25rem;font-size:1.05rem}
p{margin:.35rem 0}
ul,ol{margin:.35rem 0;padding-left:1.25rem}
li{padding:.15rem 0}
.amtlich,.stand{color:var(--leise)}
main>.stand{margin-top:2rem}
.kurz{margin:1rem 0;padding:.75rem 1rem;background:var(--flaeche);border-radius:.5rem;
font-size:1.1rem}
.spalten{columns:16rem;column-gap:2rem}
.treffer>li{padding:.5rem 0}
.treffer>li>a{font-weight:600}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--rand);color:var(--leise)}
@media print{header form,nav,.sprung,footer{display:none}body{max-width:none}}
)";
}

} // namespace fernamt::web
