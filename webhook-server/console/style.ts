/** The one style sheet of all pages: for a telephone at night first, light and dark, system fonts. */

/** Goes into each page as it is, since the security policy knows it by the hash of every character. */
export const STYLE = `
:root{color-scheme:light dark;--text:#1a1a1a;--quiet:#595959;--ground:#fff;--line:#d4d4d4;--link:#0b57d0;--bad:#b00020;--worse:#c2410c;--warn:#8f5000;--good:#1b7f3b;--on:#fff}
@media (prefers-color-scheme:dark){:root{--text:#eee;--quiet:#aaa;--ground:#141414;--line:#3d3d3d;--link:#8ab4f8;--bad:#ff8a80;--worse:#ff9e6b;--warn:#ffb454;--good:#6fcf87;--on:#141414}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:var(--text);background:var(--ground);overflow-wrap:anywhere}
h1{font-size:1.35rem;line-height:1.3;margin:.5rem 0}
h2{font-size:1.1rem;margin:1.75rem 0 .5rem}
h3{font-size:1rem;margin:0}
p{margin:.5rem 0;white-space:pre-line}
a{color:var(--link)}
code{font:.9em ui-monospace,monospace}
ul,ol{padding-left:1.25rem;margin:.5rem 0}
li{margin:.25rem 0}
button{font:inherit;font-size:1.15rem;font-weight:600;width:100%;padding:.9rem 1rem;margin:1rem 0;border:0;border-radius:.5rem;background:var(--link);color:var(--on);cursor:pointer}
button:focus-visible,a:focus-visible{outline:3px solid var(--text);outline-offset:2px}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:.4rem 0;border-bottom:1px solid var(--line);font-weight:400;vertical-align:top}
td:last-child{text-align:right;padding-left:1rem}
dl{display:grid;grid-template-columns:minmax(5.5rem,max-content) 1fr;gap:.3rem 1rem;margin:1rem 0}
dt{color:var(--quiet)}
dd{margin:0;min-width:0}
article{margin:1rem 0;padding-top:.5rem;border-top:1px solid var(--line)}
footer{margin-top:2rem;padding-top:.5rem;border-top:1px solid var(--line)}
.quiet,footer{color:var(--quiet);font-size:.9rem}
.tag{display:inline-block;padding:.05rem .5rem;margin-right:.5rem;border-radius:.3rem;font-weight:700;color:var(--on);background:var(--tone,var(--quiet))}
.SEV1,.major_outage{--tone:var(--bad)}
.SEV2,.partial_outage{--tone:var(--worse)}
.SEV3,.degraded_performance{--tone:var(--warn)}
.operational{--tone:var(--good)}
.state{padding:.75rem 1rem;border-left:.4rem solid var(--tone,var(--line));font-weight:600}
.note{padding:.75rem 1rem;border:1px solid var(--warn);border-radius:.3rem}
`;
