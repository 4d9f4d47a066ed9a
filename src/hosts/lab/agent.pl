#!/usr/bin/perl
# The other end of a channel: runs one bash script after another inside the machine. Plain perl-base, no modules beyond it.
# Asked:    "TIMEOUT_MS LENGTH\n" SCRIPT
# Answered: "STATUS TIMED_OUT TRUNCATED STDOUT_LENGTH STDERR_LENGTH\n" STDOUT STDERR
use strict;
use warnings;
use POSIX ();

my $bound = 1 << 20;    # bytes kept of each stream
my $grace = 2;          # seconds between TERM and KILL
my $drain = 0.03;       # seconds that a finished command's pipes may stay open (a daemon may hold them for ever)
my $largest = 100_000;  # bytes that fit into one argument (the kernel's MAX_ARG_STRLEN is 131072)

my %keep = map { $_ => 1 } qw(HOME USER LOGNAME SHELL PATH LANG XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS GOGC GOMEMLIMIT);
delete @ENV{grep { !$keep{$_} } keys %ENV};
chdir($ENV{HOME}) or chdir('/');

# perl-base has no Time::HiRes; the clock of times() moves in hundredths of a second and never backwards.
my $ticks = POSIX::sysconf(POSIX::_SC_CLK_TCK());
sub now { return (POSIX::times())[0] / $ticks }

sub start {
  my ($script, $out, $err) = @_;
  my @command = ('/bin/bash', '-c', $script);
  my $file;
  if (length($script) > $largest) {
    $file = "/tmp/.stackfuzz-$$";
    open(my $to, '>', $file) or die "cannot write $file: $!";
    # Half a script is another script.
    print $to $script and close($to) or do { unlink($file); die "cannot write $file: $!" };
    @command = ('/bin/bash', $file);
  }
  my $pid = fork();
  die "cannot fork: $!" unless defined $pid;
  if ($pid == 0) {
    POSIX::setpgid(0, 0);
    $SIG{PIPE} = 'DEFAULT';
    open(my $null, '<', '/dev/null');
    POSIX::dup2(fileno($null), 0);
    POSIX::dup2(fileno($out), 1);
    POSIX::dup2(fileno($err), 2);
    { no warnings 'exec'; exec { $command[0] } @command }
    POSIX::_exit(127);
  }
  POSIX::setpgid($pid, $pid);    # both sides do it, so that neither has to wait for the other
  return ($pid, $file);
}

sub perform {
  my ($script, $seconds) = @_;
  pipe(my $out, my $out_end) and pipe(my $err, my $err_end) or die "cannot make a pipe: $!";
  my ($pid, $file) = start($script, $out_end, $err_end);
  close($out_end);
  close($err_end);
  # pidfd_open has the same number on every machine. Perl defers signal handlers, so SIGCHLD could slip in before select.
  my $exit = syscall(434, $pid, 0);
  die "cannot watch process $pid: $!" if $exit < 0;

  my %pipe = (fileno($out) => $out, fileno($err) => $err);
  my %text = map { $_ => '' } keys %pipe;
  my ($truncated, $timed_out, $status) = (0, 0, undef);
  my ($deadline, $kill_at, $end_at) = (now() + $seconds, undef, undef);
  my $count = 0;
  # Past its end, what is ready is still read (we may have been the slow ones), but a flood only for a second more.
  while (!defined $status or (%pipe and now() < $end_at + ($count > 0 ? 1 : 0))) {
    my $watched = '';
    vec($watched, $_, 1) = 1 for keys %pipe;
    unless (defined $status) { vec($watched, $exit, 1) = 1; vec($watched, fileno(STDIN), 1) = 1 }
    my $until = $end_at // $kill_at // $deadline;
    my $wait = $until - now();
    $count = select(my $ready = $watched, undef, undef, $wait > 0 ? $wait + 0.005 : 0);
    if ($count > 0) {
      for my $from (grep { vec($ready, $_, 1) } keys %pipe) {
        my $got = sysread($pipe{$from}, my $bytes, 65536);
        if (!$got) { delete $pipe{$from}; next }
        my $room = $bound - length($text{$from});
        $truncated = 1 if $got > $room;
        $text{$from} .= substr($bytes, 0, $room) if $room > 0;
      }
      if (!defined $status and vec($ready, fileno(STDIN), 1)) { kill('KILL', -$pid); exit 0 }    # nobody waits for it
      if (!defined $status and vec($ready, $exit, 1)) {
        waitpid($pid, 0);
        $status = ($? & 127) ? 128 + ($? & 127) : $? >> 8;
        $end_at = now() + $drain;
        kill('KILL', -$pid) if $timed_out;
      }
    }
    next if defined $status;
    if (!$timed_out and now() >= $deadline) { $timed_out = 1; $kill_at = now() + $grace; kill('TERM', -$pid) }
    elsif ($timed_out and now() >= $kill_at) { kill('KILL', -$pid); $kill_at = now() + 1 }
  }
  POSIX::close($exit);
  unlink($file) if defined $file;
  $status = 124 if $timed_out;
  return ($status, $timed_out, $truncated, $text{fileno($out)}, $text{fileno($err)});
}

binmode(STDIN);
binmode(STDOUT);
$| = 1;
print "ready\n";
while (defined(my $head = <STDIN>)) {
  my ($timeout, $length) = split(' ', $head);
  my $script = '';
  last if $length > 0 and (read(STDIN, $script, $length) // 0) != $length;
  my ($status, $timed_out, $truncated, $out, $err) = perform($script, $timeout / 1000);
  print join(' ', $status, $timed_out, $truncated, length($out), length($err)), "\n", $out, $err;
}
