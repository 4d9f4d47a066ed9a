import { unprepared } from './lever.ts';

/**
 * Perl: runs a rebuild or a rollback, and kills it when its links are made: when all of them lead into one and the same tree,
 * and it is another one than before. The rebuild knows nothing of it. Everything is killed: its own processes, and those of the
 * services that systemd has started meanwhile, by their cgroups, since there are only milliseconds between the links and the
 * switch. Its temporary files are removed too: what is killed cannot clean up, and that is no lie.
 * usage: perl -e TRAP SCRIPT PATTERN-OF-LINKS LINK...
 */
export const trap = String.raw`
use strict;
use warnings;
use Cwd ();
use File::Temp ();
my ($script, $pattern, @links) = @ARGV;
my $services = '/sys/fs/cgroup/system.slice';

# The tree that a link of the owner's leads into; empty if none.
sub tree {
  my $target = readlink($_[0]) // return '';
  return $target =~ /$pattern/ ? Cwd::realpath($1) // '' : '';
}
sub cgroups { opendir(my $all, $services) or return; return grep { /\.service$/ } readdir($all) }

my %before = map { $_ => 1 } '', map { tree($_) } @links;
my %known = map { $_ => 1 } cgroups();
sub stand {
  my $tree = tree($links[0]);
  return 0 if $before{$tree};
  for (@links) { return 0 if tree($_) ne $tree }
  return 1;
}

sub unprepared { print STDERR @_; exit ${unprepared} }
my $scratch = eval { File::Temp->newdir() } // unprepared($@);
my $rebuild = fork() // unprepared("cannot fork: $!");
if ($rebuild == 0) {
  setpgrp(0, 0);
  $ENV{TMPDIR} = "$scratch";
  exec('bash', '-c', $script);
  unprepared("cannot run bash: $!");
}
setpriority(0, 0, -20);
while (!stand()) {
  if (waitpid($rebuild, 1) == $rebuild) { exit($? & 127 ? 128 + ($? & 127) : $? >> 8) }
  select(undef, undef, undef, 0.0003);
}
kill('KILL', -$rebuild);
for my $service (grep { !$known{$_} } cgroups()) {
  open(my $kill, '>', "$services/$service/cgroup.kill") or next;
  print $kill '1';
}
waitpid($rebuild, 0);
print STDERR "killed when its links stood\n";
exit 137;
`;

/**
 * Perl: runs an update, and kills it when the first of these processes has ended. They are the conmons of the running
 * containers: at that moment the old container of a stack is gone, and the new one does not exist yet. What systemd has started
 * meanwhile goes on.
 * usage: perl -e TRAP SCRIPT PID...
 */
export const updateTrap = String.raw`
use strict;
use warnings;
my ($script, @monitors) = @ARGV;
my $update = fork() // do { print STDERR "cannot fork: $!"; exit ${unprepared} };
if ($update == 0) {
  setpgrp(0, 0);
  exec('bash', '-c', $script);
  exit ${unprepared};
}
while (!grep { !-e "/proc/$_" } @monitors) {
  if (waitpid($update, 1) == $update) { exit($? & 127 ? 128 + ($? & 127) : $? >> 8) }
  select(undef, undef, undef, 0.001);
}
kill('KILL', -$update);
waitpid($update, 0);
print STDERR "killed when a container had ended\n";
exit 137;
`;
