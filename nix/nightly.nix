# The nights of stackfuzz (docs/nightly.md) as user units of Home Manager's, one service and one timer for each host, as the
# templates in contrib/systemd. This is for the computer that has the hosts file and the corpus; it need not be one of the hosts.
{ config, lib, ... }:
let
  cfg = config.services.stackfuzz.nightly;
  unitOf = host: "stackfuzz-nightly-${host}";

  # JSON is YAML too. Tokens must not be in it: notify reads them from files.
  hostsFile = "stackfuzz/stackfuzz.yaml";
  flags = (if cfg.settings == { } then [ ] else [ "--hosts" "%h/.config/${hostsFile}" ]) ++ cfg.flags;

  serviceOf = host: {
    name = unitOf host;
    value = {
      Unit = {
        Description = "A night of stackfuzz on ${host}";
        Documentation = "https://github.com/abl030/stackfuzz/blob/main/docs/nightly.md";
      } // (if cfg.onFailure == null then { } else { OnFailure = "${unitOf host}-failed.service"; });
      Service = {
        Type = "oneshot";
        WorkingDirectory = cfg.directory;
        EnvironmentFile = "-${cfg.environmentFile}";
        ExecStart = builtins.concatStringsSep " " (
          [ cfg.command "nightly" "--host" host "--fail-on" "change" "--report" "nights/${host}.html" ] ++ flags
        );
        TimeoutStartSec = cfg.longest;
        KillSignal = "SIGINT";
        KillMode = "mixed";
        TimeoutStopSec = "15min";
        Nice = 10;
      };
    };
  };
  failedOf = host: {
    name = "${unitOf host}-failed";
    value = {
      Unit.Description = "Report that a night of stackfuzz on ${host} was not like the one before";
      Service = { Type = "oneshot"; ExecStart = cfg.onFailure; };
    };
  };
  timerOf = host: {
    name = unitOf host;
    value = {
      Unit.Description = "Each night, stackfuzz on ${host}";
      Timer = {
        OnCalendar = cfg.onCalendar;
        RandomizedDelaySec = cfg.randomizedDelay;
        Persistent = false;
      };
      Install.WantedBy = [ "timers.target" ];
    };
  };
in
{
  options.services.stackfuzz.nightly = {
    enable = lib.mkEnableOption "a night of stackfuzz on each of these hosts";
    hosts = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = if cfg.settings ? hosts then builtins.attrNames cfg.settings.hosts else [ ];
      description = "Names of hosts in the hosts file. Each has a timer; by default every host of `settings`.";
    };
    settings = lib.mkOption {
      type = lib.types.attrs;
      default = { };
      example = { hosts.wsl = { environment = "non-prod"; operator = "me"; }; };
      description = "The hosts file (docs/hosts.md). If it is not set, stackfuzz.yaml in `directory` is used.";
    };
    onCalendar = lib.mkOption {
      type = lib.types.str;
      default = "*-*-* 01:30:00";
      description = "When a night begins (systemd.time(7)).";
    };
    randomizedDelay = lib.mkOption {
      type = lib.types.str;
      default = "20min";
      description = "Longest random delay, so that several hosts do not begin at the same moment.";
    };
    longest = lib.mkOption {
      type = lib.types.str;
      default = "8h";
      description = "Only a limit against hanging; the hosts file says how long a search takes.";
    };
    directory = lib.mkOption {
      type = lib.types.str;
      default = "%h/stackfuzz";
      description = "The folder that has corpus/, and in which nights/ and .stackfuzz/ are written.";
    };
    command = lib.mkOption {
      type = lib.types.str;
      default = "/usr/bin/env npx --no-install stackfuzz";
      description = "How stackfuzz is started; `npx` must be in the PATH of the user manager.";
    };
    flags = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "--models" "./my-models" ];
      description = "More flags of `stackfuzz nightly`.";
    };
    environmentFile = lib.mkOption {
      type = lib.types.str;
      default = "%h/.config/stackfuzz/nightly.env";
      description = "A file with NTFY_TOKEN=… and the like, which must not be in a unit or in the Nix store. It may be missing.";
    };
    onFailure = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      example = "/bin/sh -c 'journalctl --user --lines 60 --output cat | mail -s stackfuzz me'";
      description = "What is run if a night differs from the one before, or failed; not needed with `notify` in the hosts file.";
    };
  };

  config = lib.mkIf cfg.enable {
    systemd.user.services = builtins.listToAttrs (
      map serviceOf cfg.hosts ++ (if cfg.onFailure == null then [ ] else map failedOf cfg.hosts)
    );
    systemd.user.timers = builtins.listToAttrs (map timerOf cfg.hosts);
    xdg.configFile =
      if cfg.settings == { } then { } else { ${hostsFile}.text = builtins.toJSON cfg.settings; };
  };
}
