# What the Tcl clients share: the login, the texts and the checks.
fconfigure stdout -encoding utf-8 -buffering line
foreach {variable name} {H HOST P PORT U USER W PASS DB DB TAG TAG ID ID N N} {
    set $variable $env(CQ_$name)
}

proc rd {variable} {
    set file [open $::env($variable)]
    fconfigure $file -encoding utf-8 -translation lf
    set text [read $file]
    close $file
    # The drivers of Tcl 8.6 send characters beyond the basic plane as surrogates.
    regsub -all {[^\u0000-\uFFFF]|[\uD800-\uDFFF]|\uFFFD} $text {} text
    return $text
}

set T [rd CQ_TRICKY]
set BIG [rd CQ_BIG]

proc ok {name right {why {}}} {
    if {$right} {
        puts "ok $name"
    } else {
        puts "not ok $name # [string range [string map {"\n" " "} $why] 0 250]"
    }
}

proc eq {name expected got} {
    ok $name [string equal $expected $got] "want [string range $expected 0 80] got [string range $got 0 100]"
}

# An error in the script fails the check of that name.
proc try_ {name script} {
    if {[catch {uplevel 1 $script} problem]} {
        ok $name 0 "error $problem"
    }
}

proc code {name number variable} {
    eq $name $::env($variable) $number
}
