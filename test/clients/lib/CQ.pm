package CQ;
use strict;
use warnings;
use Exporter 'import';
use Digest::MD5 ();
use Encode      ();
our @EXPORT = qw($H $P $U $W $DB $TAG $ID $N $T $C $BIG ok skip eq_ tr_ code md5 qw_);
our ( $H, $P, $U, $W, $DB, $TAG, $ID, $N ) = @ENV{qw(CQ_HOST CQ_PORT CQ_USER CQ_PASS CQ_DB CQ_TAG CQ_ID CQ_N)};
sub rd { open my $f, '<:raw', $ENV{ $_[0] }; local $/; my $x = <$f>; Encode::decode( 'UTF-8', $x ) }
our ( $T, $C, $BIG ) = ( rd('CQ_TRICKY'), rd('CQ_CTRL'), rd('CQ_BIG') );
$| = 1;
binmode STDOUT, ':utf8';

sub ok {
    my ( $n, $c, $d ) = @_;
    $d //= '';
    $d =~ s/\n/ /g;
    print $c? "ok $n\n" : "not ok $n # " . substr( $d, 0, 250 ) . "\n";
    $c;
}
sub skip { print "skip $_[0] # $_[1]\n" }

sub eq_ {
    my ( $n, $w, $g ) = @_;
    ok( $n, defined $g && $w eq $g, "want " . substr( $w, 0, 90 ) . " got " . substr( $g // 'undef', 0, 120 ) );
}

sub tr_ {
    my ( $n, $f ) = @_;
    my $r = eval { $f->(); 1 };
    ok( $n, 0, "died: $@" ) unless $r;
}

sub code {
    my ( $n, $c, $env ) = @_;
    my $x = $ENV{$env} // '';
    ok(
        $n,
        ( $c || 0 ) =~ /^\d+$/ && $c > 0 && ( $x eq '' || $x == $c ),
        "code=" . ( $c // 'undef' ) . " expected " . ( $x || 'non-zero' )
    );
}
sub md5 { Digest::MD5::md5_hex( Encode::encode( 'UTF-8', $_[0] // '' ) ) }
1;
