# Makes units of Home Manager's from the declaration that stackfuzz writes (docs/hosts.md, `declaration`). The text of each unit
# is the one that the profile renders; only PATH and the paths of its wrapper and compose file are those of this machine.
{ config, lib, pkgs, ... }:
let
  cfg = config.services.stackfuzz;

  # Before the first rebuild there is no such file, and nothing is declared.
  wanted =
    if cfg.declaration != null && builtins.pathExists cfg.declaration then
      builtins.fromJSON (builtins.readFile cfg.declaration)
    else
      { stacks = { }; files = { }; };
  inherit (wanted) files;
  stacks = builtins.attrNames wanted.stacks;

  # A directory for each file: systemd takes a link to a file of another name as an alias.
  stored = name: text: "${pkgs.writeTextDir name text}/${name}";
  # The script's own first line becomes a comment, because NixOS has no /bin/bash.
  wrapper = pkgs.writeShellScript "stack" (builtins.readFile cfg.wrapper);

  usualPath = "PATH=/usr/bin:/bin:/usr/sbin";
  composeIn = stack: stored "compose.yml" files."compose/${stack}/compose.yml";
  textOf = path:
    builtins.replaceStrings
      ([ "@stack@/stack" usualPath ] ++ map (stack: "@compose/${stack}@/compose.yml") stacks)
      ([ "${wrapper}" "PATH=${cfg.path}" ] ++ map composeIn stacks)
      files.${path};

  unitPaths = builtins.filter (path: builtins.match "units/.*" path != null) (builtins.attrNames files);
  lines = text: builtins.filter builtins.isString (builtins.split "\n" text);
  words = text: builtins.filter (word: builtins.isString word && word != "") (builtins.split " " text);
  targetsOf = text:
    builtins.concatMap
      (line: let found = builtins.match "WantedBy=(.*)" line; in if found == null then [ ] else words (builtins.head found))
      (lines text);

  linksOf = path:
    let
      name = baseNameOf path;
      text = textOf path;
      source = stored name text;
      at = place: { name = "systemd/user/${place}"; value = { inherit source; }; };
    in
    [ (at name) ] ++ map (target: at "${target}.wants/${name}") (targetsOf text);
in
{
  options.services.stackfuzz = {
    enable = lib.mkEnableOption "the stacks that stackfuzz tests";
    declaration = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "The file that stackfuzz.yaml names in `declaration`, as a path of this configuration.";
    };
    path = lib.mkOption {
      type = lib.types.str;
      default = "/run/wrappers/bin:/etc/profiles/per-user/%u/bin:/run/current-system/sw/bin";
      description = "PATH of the units: podman, podman-compose or docker-compose, and coreutils.";
    };
    wrapper = lib.mkOption {
      type = lib.types.path;
      default = ../src/profiles/home-manager/stack;
      description = "The script that runs a compose project inside its unit.";
    };
  };

  config = lib.mkIf cfg.enable {
    xdg.configFile = builtins.listToAttrs (
      builtins.concatMap linksOf unitPaths
      ++ (if files ? "declaration.json" then
        [ { name = "stackfuzz/declaration.json"; value.text = files."declaration.json"; } ]
      else
        [ ])
    );
  };
}
