# A registry of the probe images, which runs during a session: it listens only on the loopback, and accepts no image that it
# does not have; a tag may be moved to another of its images. Everything that it has is in files below its folder: blobs/HEX,
# manifests/HEX, tags/TAG (which contains the HEX of a manifest); they are read at every request.
# usage: perl registry.pl FOLDER PORT REPOSITORY
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(AF_UNIX SOCK_DGRAM pack_sockaddr_un);

my ($folder, $port, $repository) = @ARGV;
my $manifest_type = 'application/vnd.oci.image.manifest.v1+json';
my $largest = 65536; # bytes of a manifest that is uploaded

$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64, ReuseAddr => 1)
  or die "127.0.0.1:$port: $!\n";
if (my $to = $ENV{NOTIFY_SOCKET}) {
    $to =~ s/^@/\0/;
    socket(my $manager, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!\n";
    send($manager, 'READY=1', 0, pack_sockaddr_un($to));
}
while (1) {
    my $client = $listener->accept or next;
    my $child = fork;
    if (defined $child && $child == 0) {
        close $listener;
        alarm 60;
        binmode $client;
        serve($client);
        exit 0;
    }
    close $client;
}

sub content {
    my ($path) = @_;
    open(my $file, '<:raw', $path) or return undef;
    local $/;
    my $all = <$file>;
    return defined $all ? $all : '';
}

sub hex_of {
    my ($reference) = @_;
    return $1 if $reference =~ /\Asha256:([0-9a-f]{64})\z/;
    return undef unless $reference =~ /\A\w[\w.-]{0,127}\z/;
    my $hex = content("$folder/tags/$reference");
    return defined $hex && $hex =~ /\A([0-9a-f]{64})\s*\z/ ? $1 : undef;
}

sub answer {
    my ($client, $with_body, $status, $type, $body, @more) = @_;
    my $length = length $body;
    print $client join("\r\n", "HTTP/1.1 $status", "Content-Type: $type", "Content-Length: $length",
        'Docker-Distribution-Api-Version: registry/2.0', 'Connection: close', @more, '', '');
    print $client $body if $with_body;
}

sub serve {
    my ($client) = @_;
    my ($method, $path) = (<$client> // '') =~ m{\A([A-Z]+) ([^ ?]+)(?:\?[^ ]*)? HTTP/1} or return;
    my $length = 0;
    while (defined(my $line = <$client>)) {
        last if $line =~ /\A\r?\n\z/;
        $length = $1 if $line =~ /\Acontent-length:\s*(\d+)/i;
    }
    my $body = $method ne 'HEAD';
    my $json = 'application/json';
    my $none = sub { answer($client, $body, '404 Not Found', $json, '{"errors":[{"code":"' . $_[0] . '"}]}') };
    if ($method eq 'PUT') {
        return answer($client, 1, '413 Payload Too Large', $json, '{}') if $length > $largest;
        return unless read($client, my $sent, $length) == $length;
        return put($client, $path, $sent);
    }
    return answer($client, $body, '405 Method Not Allowed', $json, '{"errors":[{"code":"UNSUPPORTED"}]}')
      unless $method eq 'GET' || $method eq 'HEAD';
    return answer($client, $body, '200 OK', $json, '{}') if $path =~ m{\A/v2/?\z};
    return $none->('NAME_UNKNOWN') unless $path =~ s{\A/v2/\Q$repository\E/}{};
    if ($path eq 'tags/list') {
        opendir(my $tags, "$folder/tags") or return $none->('NAME_UNKNOWN');
        my $all = join ',', map { "\"$_\"" } sort grep { /\A\w[\w.-]*\z/ } readdir $tags;
        return answer($client, $body, '200 OK', $json, "{\"name\":\"$repository\",\"tags\":[$all]}");
    }
    if ($path =~ m{\Amanifests/(.+)\z}) {
        my $hex = hex_of($1);
        my $manifest = defined $hex ? content("$folder/manifests/$hex") : undef;
        return $none->('MANIFEST_UNKNOWN') unless defined $manifest;
        return answer($client, $body, '200 OK', $manifest_type, $manifest, "Docker-Content-Digest: sha256:$hex");
    }
    if ($path =~ m{\Ablobs/sha256:([0-9a-f]{64})\z}) {
        my $blob = content("$folder/blobs/$1");
        return $none->('BLOB_UNKNOWN') unless defined $blob;
        return answer($client, $body, '200 OK', 'application/octet-stream', $blob, "Docker-Content-Digest: sha256:$1");
    }
    return $none->('NAME_UNKNOWN');
}

# Gives a manifest that is there already another tag.
sub put {
    my ($client, $path, $sent) = @_;
    my ($tag) = $path =~ m{\A/v2/\Q$repository\E/manifests/(\w[\w.-]{0,127})\z};
    my $hex;
    for my $each (glob "$folder/manifests/*") {
        my $manifest = content($each);
        ($hex) = $each =~ /([0-9a-f]{64})\z/ if defined $manifest && $manifest eq $sent;
    }
    return answer($client, 1, '400 Bad Request', 'application/json', '{"errors":[{"code":"MANIFEST_INVALID"}]}')
      unless defined $tag && defined $hex;
    my $new = "$folder/new.$$";
    my $file;
    open($file, '>', $new) && print($file "$hex\n") && close($file) && rename($new, "$folder/tags/$tag")
      or return answer($client, 1, '500 Internal Server Error', 'application/json', '{}');
    return answer($client, 1, '201 Created', 'application/json', '', "Docker-Content-Digest: sha256:$hex");
}
