#!/usr/bin/env perl
# Prüft einen ausgegebenen Verlauf nur mit Perl selbst / checks an exported history with nothing but Perl (cycle-log/1):
#   perl verify.pl FOLDER [ANCHOR LINE | FILE WITH ANCHOR LINES]...
use strict; use warnings; use utf8; binmode STDOUT, ':utf8';
use Digest::SHA qw(sha256_hex); use Encode qw(decode encode_utf8); use JSON::PP; use Unicode::Normalize qw(NFC);

sub refuse { print "NICHT IN ORDNUNG / NOT INTACT – $_[0]: $_[1]\n"; exit 1 }
sub text { my $bytes = $_[0]; eval { decode('UTF-8', $bytes, Encode::FB_CROAK) } // refuse($_[1], 'kein Text / not text') }
my ($folder, @anchors) = @ARGV ? @ARGV : '.';
my $json = JSON::PP->new->canonical->allow_nonref;
my $hex = qr/[0-9a-f]{64}/;

# Dateien / files: SHA256SUMS
my $sums = 0;
if (open my $list, '<:raw', "$folder/SHA256SUMS") {
    while (<$list>) {
        my ($sum, $name) = /^($hex)  ([\w.-]+)$/ or refuse('SHA256SUMS', "Zeile / line $.");
        my $found = eval { Digest::SHA->new(256)->addfile("$folder/$name", 'b')->hexdigest } // 'fehlt / missing';
        $found eq $sum or refuse($name, 'Prüfsumme / checksum');
        $sums++;
    }
}

# Anker / anchors: cycle-log/1 LOG SEQ HASH
my ($given, %anchor) = (0);
for my $word (@anchors) {
    my $lines = $word;
    if (open my $file, '<', $word) { local $/; $lines = <$file> // '' }
    while ($lines =~ m{cycle-log/1 ([0-9a-f]{16}) ([1-9]\d*) ($hex)\b}g) { push @{$anchor{$2}}, [$1, $3]; $given++ }
}
@anchors && !$given and refuse('Anker / anchor', 'keine Ankerzeile / no anchor line');

# Einträge / entries
my ($seq, $prev, $log, $time, $withheld, $missing) = (0, '0' x 64, '', '', 0, 0);
my (%cycle, %lacking, %private);
open my $lines, '<:raw', "$folder/events.jsonl" or refuse('events.jsonl', 'fehlt / missing');
while (my $raw = <$lines>) {
    my $here = 'Eintrag / entry ' . ++$seq;
    my $line = text($raw, $here);
    my $entry = eval { $json->decode($line) };
    ref $entry eq 'HASH' or refuse($here, 'unlesbar / unreadable');
    my $what = exists $entry->{body} ? 'body' : 'body_sha256';
    my $again = join ',', map { qq("$_":) . $json->encode($entry->{$_}) } 'seq', 'prev', $what, 'hash';
    $line eq "{$again}\n" or refuse($here, 'nicht in der vereinbarten Form / not in the agreed form');
    $line =~ /^\{"seq":$seq,/ or refuse($here, 'fehlt, doppelt oder vertauscht / missing, twice or swapped');
    $entry->{prev} eq $prev or refuse($here, 'schließt nicht an den vorigen an / does not follow the one before');
    my $sum = $what eq 'body' ? sha256_hex(encode_utf8($entry->{body})) : $entry->{body_sha256};
    $sum =~ /^$hex\z/ && sha256_hex("\0cycle-log/1\n$seq\n$prev\n$sum\n") eq $entry->{hash} or refuse($here, 'verändert / changed');
    $prev = $entry->{hash};
    $log ||= substr $prev, 0, 16;
    for (@{$anchor{$seq} // []}) { "@$_" eq "$log $prev" or refuse($here, 'widerspricht dem Anker / contradicts the anchor') }
    if ($what ne 'body') { $withheld++; next }

    my $body = eval { $json->decode($entry->{body}) };
    ref $body eq 'HASH' && $json->encode($body) eq $entry->{body} && profile($entry->{body})
        or refuse($here, 'nicht in der kanonischen Form / not canonical');
    $body->{v} eq '1' && ($body->{type} eq 'log.opened') == ($seq == 1) or refuse($here, 'Anfang / opening');
    my $recorded = $body->{recorded_at};
    $recorded =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\z/ && $recorded ge $time or refuse($here, 'Zeit fällt / time falls');
    $time = $recorded;
    $private{$_} = 1 for values %{$body->{private}};
    my ($name, $number) = @$body{'cycle', 'cseq'};
    if (!defined $name) { defined $number and refuse($here, 'cseq'); next }
    my $last = $cycle{$name} // [0, 0];   # what lies between may only be what was withheld
    my $gap = ($number // 0) - $last->[0] - 1;
    $gap >= 0 && $gap <= $withheld - $last->[1] or refuse($here, "Zählung des Jahres / count of the year $name (cseq)");
    $cycle{$name} = [$number, $withheld]; $lacking{$name} += $gap; $missing += $gap;
}
$seq or refuse('events.jsonl', 'leer / empty');
$missing <= $withheld or refuse('cseq', "$missing > $withheld");
for (keys %anchor) { $_ <= $seq or refuse("Anker / anchor $_", "die Ausgabe endet bei $seq / the export ends at $seq") }

# Nicht öffentliche Angaben / private values: openings.jsonl
my $opened = 0;
if (open my $openings, '<:raw', "$folder/openings.jsonl") {
    while (my $raw = <$openings>) {
        my $here = 'openings.jsonl ' . ++$opened;
        my $it = eval { $json->decode(text($raw, $here)) };
        ref $it eq 'HASH' && ($it->{salt} // '') =~ /^$hex\z/ && defined $it->{value} && defined $it->{commitment}
            or refuse($here, 'unlesbar / unreadable');
        my $sum = sha256_hex("\x02" . pack('H*', $it->{salt}) . encode_utf8($it->{value}));
        $sum eq $it->{commitment} && $private{$sum} or refuse($here, 'passt zu keinem Eintrag / fits no entry');
    }
}

print "IN ORDNUNG / INTACT: $seq Einträge / entries, $withheld zurückgehalten / withheld, $opened Angaben / openings, $sums Dateien / files\n";
print "$_: 1–$cycle{$_}[0], ", $lacking{$_} ? "davon zurückgehalten / of these withheld: $lacking{$_}" : 'lückenlos / no gap', "\n"
    for sort keys %cycle;
print "Anker / anchor: cycle-log/1 $log $seq $prev\n";
print $given ? "geprüft gegen $given Anker / checked against $given anchors\n"
    : "ohne Anker geprüft: ein abgeschnittenes Ende oder ein Austausch ist nicht auszuschließen"
    . " / not anchored: a cut tail or an exchange cannot be excluded\n";

sub profile {   # composed text, no control character, no number but whole ones
    my ($body) = @_;
    my $escapes = $body =~ s/\\\\//gr;
    (my $bare = $escapes =~ s/\\"//gr) =~ s/"[^"]*"//g;
    return NFC($body) eq $body && $body !~ /[\x00-\x1f\x7f-\x9f]/ && $escapes !~ /\\[^"nt]/ && $bare !~ /\d[.eE]|-0|\d{17}/;
}
